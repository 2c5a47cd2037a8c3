/* drivers/disk_virtio_pci.h - the two register interfaces of a virtio device on PCI.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "drivers/disk_virtio.h"
#include "drivers/pci.h"

struct virtio_pci_interface {
	const struct virtio_transport *transport;
	/* Finds the registers: sets the bases of d and block.where. ERR_NOT_FOUND: the device does not have this interface.
	 * Memory and ports of the device are enabled. */
	err_t (*open)(const struct pci_device *p, struct virtio_disk *d);
};
extern const struct virtio_pci_interface virtio_pci_legacy, virtio_pci_modern;
