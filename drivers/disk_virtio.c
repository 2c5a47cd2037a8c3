/* drivers/disk_virtio.c - virtio block device, independent of the transport: one queue, many requests in flight.
 * SPDX-License-Identifier: MIT
 *
 * A request is a chain of descriptors: header, data segments, status byte. The driver passes chains through the avail ring; the
 * device returns them through the used ring in any order.
 */
#include "drivers/disk_virtio.h"
#include "arch/cpu.h"
#include "arch/trap.h"
#include "lib/assert.h"
#include "lib/string.h"

#define SLOTS_ORDER    1
#define STATUS_READS   100000   /* of a register, until a reset is over */
#define NO_STATUS      0xFF
#define SECTORS_MAX    2048     /* limit for a request; virtio itself has none */
#define LOWEST_QUEUE   4        /* header, one segment, status; a power of two */

/* Memory that the device accesses besides the data. */
struct virtio_slot {
	_Alignas(32) struct virtio_blk_header header;
	volatile uint8_t status;
};
STATIC_ASSERT(slots_fit_their_pages, sizeof(struct virtio_slot) * VIRTIO_QUEUE <= PAGE_SIZE << SLOTS_ORDER);

static struct virtio_disk *disk_of(struct block_device *b)
{
	return (struct virtio_disk *)b;
}

/* ---- the ring ---- */

static size_t avail_at(unsigned size)
{
	return size * sizeof(struct virtq_desc);
}

/* The legacy layout (2.6.2), which is also valid for the modern interface. An event word follows the avail ring. */
static size_t used_at(unsigned size)
{
	return ALIGN_UP(avail_at(size) + sizeof(struct virtq_avail) + (size + 1) * sizeof(uint16_t), PAGE_SIZE);
}

static unsigned order_of(unsigned size)
{
	size_t bytes = used_at(size) + sizeof(struct virtq_used) + size * sizeof(struct virtq_used_elem) + sizeof(uint16_t);
	unsigned order = 0;

	while (PAGE_SIZE << order < bytes)
		order++;
	return order;
}

/* Frees all descriptors. The device was reset and begins at index 0 again. */
static void clear_ring(struct virtio_disk *d)
{
	memset(d->desc, 0, PAGE_SIZE << order_of(d->size));
	memset(d->request, 0, sizeof(d->request));
	for (unsigned i = 0; i < d->size; i++)
		d->desc[i].next = (uint16_t)(i + 1);
	d->free = d->seen = 0;
	d->free_count = (uint16_t)d->size;
}

static uint16_t take_descriptor(struct virtio_disk *d, paddr_t pa, uint32_t bytes, uint16_t flags)
{
	uint16_t i = d->free;
	struct virtq_desc *desc = &d->desc[i];

	/* next already names the following free descriptor, which continues the chain. */
	d->free = desc->next;
	d->free_count--;
	desc->addr = pa.v;
	desc->len = bytes;
	desc->flags = flags;
	return i;
}

static void free_chain(struct virtio_disk *d, uint16_t head)
{
	uint16_t last = head;
	unsigned n = 1;

	for (; d->desc[last].flags & VIRTQ_NEXT; n++)
		last = d->desc[last].next;
	d->desc[last].next = d->free;
	d->free = head;
	d->free_count = (uint16_t)(d->free_count + n);
}

/* ---- requests ---- */

static bool start(struct block_device *b, struct block_request *r)
{
	struct virtio_disk *d = disk_of(b);
	bool read = r->op == BLOCK_READ;
	uint16_t head = d->free;
	struct virtio_slot *slot = &d->slot[head];
	paddr_t slot_pa = paddr_add(d->slots_pa, (uint64_t)head * sizeof(*slot));

	if (r->segments + 2 > d->free_count)
		return false;
	slot->header = (struct virtio_blk_header){ .type = read ? VIRTIO_BLK_T_IN : VIRTIO_BLK_T_OUT, .sector = r->sector };
	slot->status = NO_STATUS;
	take_descriptor(d, slot_pa, sizeof(slot->header), VIRTQ_NEXT);
	for (unsigned i = 0; i < r->segments; i++)
		take_descriptor(d, r->segment[i].pa, r->segment[i].bytes, VIRTQ_NEXT | (read ? VIRTQ_WRITE : 0));
	take_descriptor(d, paddr_add(slot_pa, offsetof(struct virtio_slot, status)), 1, VIRTQ_WRITE);
	d->request[head] = r;
	d->avail->ring[d->avail->idx % d->size] = head;
	arch_dma_barrier();        /* the device must see the chain before the index */
	*(volatile uint16_t *)&d->avail->idx = (uint16_t)(d->avail->idx + 1);
	arch_dma_barrier();        /* and the index before the notification */
	d->transport->notify(d);
	return true;
}

static void collect(struct virtio_disk *d)
{
	while (d->seen != d->used->idx) {
		uint32_t head;
		struct block_request *r;

		arch_dma_barrier();    /* reads the element after the index */
		head = d->used->ring[d->seen++ % d->size].id;
		r = head < d->size ? d->request[head] : NULL;
		if (!r)
			continue;          /* the device was not given this number */
		d->request[head] = NULL;
		free_chain(d, (uint16_t)head);
		block_finish(&d->block, r, d->slot[head].status == VIRTIO_BLK_S_OK ? OK : ERR_IO);
	}
}

static void interrupt(void *ctx)
{
	struct virtio_disk *d = ctx;

	d->transport->acknowledge(d);
	collect(d);
}

/* The register read leaves the virtual machine, so a poll takes about a microsecond: the time-out of polling (block.c) counts on
 * that. */
static void poll(struct block_device *b)
{
	struct virtio_disk *d = disk_of(b);

	(void)d->transport->status(d);
	collect(d);
}

/* ---- setting up ---- */

/* Steps 1 to 6 of 3.1.1. A device is read-only if it offers VIRTIO_BLK_F_RO. */
static bool negotiate(struct virtio_disk *d)
{
	const struct virtio_transport *t = d->transport;

	t->set_status(d, 0);
	for (unsigned i = 0; t->status(d) != 0; i++)
		if (i == STATUS_READS)
			return false;
	t->set_status(d, VIRTIO_ACKNOWLEDGE);
	t->set_status(d, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	d->block.read_only = t->features(d, 0) & VIRTIO_BLK_F_RO;
	t->accept(d, 0, d->block.read_only ? VIRTIO_BLK_F_RO : 0);
	if (!t->modern)
		return true;
	if (!(t->features(d, 1) & VIRTIO_F_VERSION_1))
		return false;
	t->accept(d, 1, VIRTIO_F_VERSION_1);
	t->set_status(d, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
	return t->status(d) & VIRTIO_FEATURES_OK;
}

static void go(struct virtio_disk *d)
{
	const struct virtio_transport *t = d->transport;
	bool fixed;

	clear_ring(d);
	arch_dma_barrier();        /* the device must see an empty ring before it is enabled */
	t->queue_size(d, &fixed);
	t->set_queue(d, d->size, d->ring_pa, paddr_add(d->ring_pa, avail_at(d->size)), paddr_add(d->ring_pa, used_at(d->size)));
	t->set_status(d, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_DRIVER_OK | (t->modern ? VIRTIO_FEATURES_OK : 0));
}

/* After a status of 0 the device accesses no buffer (2.1.2). */
static bool reset(struct block_device *b)
{
	struct virtio_disk *d = disk_of(b);

	if (!negotiate(d)) {
		d->transport->set_status(d, VIRTIO_FAILED);
		return false;
	}
	go(d);
	return true;
}

static const char *mode(const struct block_device *b)
{
	(void)b;
	return "DMA";
}

static err_t allocate(struct virtio_disk *d)
{
	bool fixed;
	unsigned size = d->transport->queue_size(d, &fixed);

	if (size > VIRTIO_QUEUE && !fixed)
		size = VIRTIO_QUEUE;
	if (size < LOWEST_QUEUE || size > VIRTIO_QUEUE || (size & (size - 1)))
		return ERR_UNSUPPORTED;
	d->size = size;
	d->desc = block_host.dma_alloc(order_of(size), &d->ring_pa);
	d->slot = block_host.dma_alloc(SLOTS_ORDER, &d->slots_pa);
	if (!d->desc || !d->slot)
		return ERR_NO_MEMORY;
	d->avail = (struct virtq_avail *)((char *)d->desc + avail_at(size));
	d->used = (volatile struct virtq_used *)((char *)d->desc + used_at(size));
	return OK;
}

static uint64_t capacity(struct virtio_disk *d)
{
	uint64_t low = d->transport->config(d, VIRTIO_BLK_CAPACITY);

	return low | (uint64_t)d->transport->config(d, VIRTIO_BLK_CAPACITY + sizeof(uint32_t)) << 32;
}

static const struct block_driver virtio_driver = { .start = start, .poll = poll, .reset = reset, .mode = mode };

err_t virtio_disk_start(struct virtio_disk *d)
{
	err_t err;

	if (!negotiate(d))
		return ERR_IO;
	err = allocate(d);
	if (err == OK) {
		d->block.driver = &virtio_driver;
		d->block.kind = d->transport->name;
		d->block.sectors = capacity(d);
		d->block.segments = d->size - 2 < BLOCK_SEGMENTS ? d->size - 2 : BLOCK_SEGMENTS;
		d->block.most = SECTORS_MAX;
		d->block.buffer_end = UINT64_MAX;
		err = block_add(&d->block);
	}
	if (err != OK) {
		d->transport->set_status(d, VIRTIO_FAILED);
		block_host.dma_free(d->desc, order_of(d->size));
		block_host.dma_free(d->slot, SLOTS_ORDER);
		return err;
	}
	arch_irq_register(d->line, interrupt, d);
	go(d);
	return OK;
}
