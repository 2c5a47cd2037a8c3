/* drivers/disk_virtio.h - virtio block device: the interface between its core and a transport.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "drivers/block.h"
#include "hw/virtio_regs.h"

#define VIRTIO_QUEUE 256        /* limit of the descriptors that are used */

struct virtio_disk;

/* Accesses the registers of one device. Queue 0 is the only one. */
struct virtio_transport {
	const char *name;                                           /* "virtio-blk, legacy PCI" */
	bool modern;                                                /* VERSION_1 must be negotiated */
	uint32_t (*features)(struct virtio_disk *d, unsigned word);
	void (*accept)(struct virtio_disk *d, unsigned word, uint32_t features);
	uint8_t (*status)(struct virtio_disk *d);
	void (*set_status)(struct virtio_disk *d, uint8_t status);
	/* The largest size of the queue; fixed: the only one. 0: there is no queue. */
	unsigned (*queue_size)(struct virtio_disk *d, bool *fixed);
	void (*set_queue)(struct virtio_disk *d, unsigned size, paddr_t desc, paddr_t avail, paddr_t used);
	void (*notify)(struct virtio_disk *d);
	void (*acknowledge)(struct virtio_disk *d);                 /* the interrupt */
	uint32_t (*config)(struct virtio_disk *d, unsigned offset);
};

struct virtio_disk {
	struct block_device block;                                  /* first */
	const struct virtio_transport *transport;
	uintptr_t base;                                             /* of the registers: a port or an address */
	/* Modern PCI: addresses of the structures by type, and of the register that notifies the queue. */
	uintptr_t structure[VIRTIO_PCI_CAPS], doorbell;
	uint32_t notify_step, notify_bytes;
	unsigned line;                                              /* of its interrupt */

	/* For disk_virtio.c only. A request has the number of its first descriptor. */
	unsigned size;
	paddr_t ring_pa, slots_pa;
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	volatile struct virtq_used *used;
	struct virtio_slot *slot;
	uint16_t seen;                                              /* used->idx up to which requests are finished */
	uint16_t free, free_count;                                  /* descriptors, linked through next */
	struct block_request *request[VIRTIO_QUEUE];
};

/* Sets up the device that the transport accesses, and adds it. The other members of d are zero, but block.where. */
MUST_USE err_t virtio_disk_start(struct virtio_disk *d);
