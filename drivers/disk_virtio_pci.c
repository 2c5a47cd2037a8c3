/* drivers/disk_virtio_pci.c - finds virtio block devices on PCI.
 * SPDX-License-Identifier: MIT
 */
#include "drivers/disk_virtio_pci.h"
#include "lib/list.h"
#include "lib/string.h"

/* In the order in which they are tried. A transitional device has both; its legacy interface needs no mapping. */
static const struct virtio_pci_interface *const interfaces[] = { &virtio_pci_legacy, &virtio_pci_modern };

static struct virtio_disk virtio_disks[BLOCK_DEVICES];
static unsigned virtio_disk_count;

static bool is_block(const struct pci_device *p)
{
	return p->vendor == VIRTIO_PCI_VENDOR && (p->device == VIRTIO_PCI_BLOCK || p->device == VIRTIO_PCI_BLOCK_MODERN);
}

static err_t open(const struct pci_device *p, struct virtio_disk *d)
{
	err_t err = ERR_NOT_FOUND;

	for (size_t i = 0; err == ERR_NOT_FOUND && i < ARRAY_LEN(interfaces); i++) {
		d->transport = interfaces[i]->transport;
		err = interfaces[i]->open(p, d);
	}
	return err;
}

static void found(const struct pci_device *p)
{
	struct virtio_disk *d = &virtio_disks[virtio_disk_count];
	err_t err = ERR_UNSUPPORTED;

	if (!is_block(p) || virtio_disk_count == BLOCK_DEVICES)
		return;
	memset(d, 0, sizeof(*d));
	if (pci_line(p, &d->line)) {
		pci_enable(p);
		err = open(p, d);
	}
	if (err == OK)
		err = virtio_disk_start(d);
	if (err == OK)
		virtio_disk_count++;
	else
		block_refused("virtio-blk, PCI", d->block.where, err);
}

static void probe(void)
{
	pci_scan(found);
}
DISK_DRIVER(virtio_pci) = { "virtio-blk, PCI", probe };
