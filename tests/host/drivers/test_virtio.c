/* tests/host/drivers/test_virtio.c - the virtio ring over a simulated device that checks each chain by the virtio specification.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "arch/cpu.h"
#include "arch/trap.h"
#include "drivers/disk_virtio.h"

bool host_irqs = true;

void assert_failed(const char *condition, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, condition);
	abort();
}

#define MANY 40

/* A failed test leaves its requests on lists of its device, so each test has its own. */
static struct block_request requests[BLOCK_DEVICES][MANY], *request;
static unsigned calls[MANY];
static struct block_segment page = { { 0x1000 }, 4096 };
static uint64_t clock_ticks;

static uint64_t ticks(void)
{
	return clock_ticks;
}

static void done(struct block_request *r)
{
	assert_false(host_irqs);
	calls[r - request]++;
}

static void submit(struct block_device *d, unsigned i)
{
	request[i] = (struct block_request){ .op = BLOCK_READ, .sector = i, .segment = &page, .segments = 1, .done = done };
	assert_int_equal(block_submit(d, &request[i]), OK);
}

/* ---- the device ---- */

static struct {
	uint8_t status;
	unsigned size, line;
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	struct virtq_used *used;
	uint16_t seen;
	uint32_t heads[256];
	unsigned waiting;
	irq_handler_t handler;
	void *ctx;
} device;

void arch_irq_register(unsigned line, irq_handler_t handler, void *ctx)
{
	device.line = line;
	device.handler = handler;
	device.ctx = ctx;
}

/* Physical addresses of the ring are addresses of this program. */
static void *dma_alloc(unsigned order, paddr_t *pa)
{
	void *p = aligned_alloc(PAGE_SIZE, PAGE_SIZE << order);

	memset(p, 0, PAGE_SIZE << order);
	pa->v = (uintptr_t)p;
	return p;
}

static void dma_free(void *p, unsigned order)
{
	(void)order;
	free(p);
}

static uint32_t dev_features(struct virtio_disk *d, unsigned word)
{
	(void)d;
	return word ? VIRTIO_F_VERSION_1 : VIRTIO_BLK_F_RO;
}

static void dev_accept(struct virtio_disk *d, unsigned word, uint32_t features)
{
	assert_int_equal(features & ~dev_features(d, word), 0);
}

static uint8_t dev_status(struct virtio_disk *d)
{
	(void)d;
	return device.status;
}

static void dev_set_status(struct virtio_disk *d, uint8_t status)
{
	(void)d;
	device.status = status;
	if (!status)
		device.seen = device.waiting = 0;
}

static unsigned dev_size(struct virtio_disk *d, bool *fixed)
{
	(void)d;
	*fixed = true;
	return device.size;
}

static void dev_set_queue(struct virtio_disk *d, unsigned size, paddr_t desc, paddr_t avail, paddr_t used)
{
	(void)d;
	assert_int_equal(size, device.size);
	assert_int_equal(desc.v % PAGE_SIZE, 0);
	assert_int_equal(used.v % PAGE_SIZE, 0);
	device.desc = (struct virtq_desc *)(uintptr_t)desc.v;
	device.avail = (struct virtq_avail *)(uintptr_t)avail.v;
	device.used = (struct virtq_used *)(uintptr_t)used.v;
}

static void dev_notify(struct virtio_disk *d)
{
	(void)d;
	while (device.seen != device.avail->idx)
		device.heads[device.waiting++] = device.avail->ring[device.seen++ % device.size];
}

static void dev_acknowledge(struct virtio_disk *d)
{
	(void)d;
}

static uint32_t dev_config(struct virtio_disk *d, unsigned offset)
{
	(void)d;
	return offset == 0 ? 5000 : 1;
}

static const struct virtio_transport transport = {
	.name = "here", .modern = true, .features = dev_features, .accept = dev_accept, .status = dev_status,
	.set_status = dev_set_status, .queue_size = dev_size, .set_queue = dev_set_queue, .notify = dev_notify,
	.acknowledge = dev_acknowledge, .config = dev_config,
};

static void give_back(uint32_t id)
{
	device.used->ring[device.used->idx % device.size].id = id;
	device.used->idx++;
}

/* Checks a chain (virtio 1.1 5.2.6), sets its status byte and returns it. */
static void complete(unsigned n, unsigned segments, uint8_t status)
{
	uint32_t head = device.heads[n];
	const struct virtq_desc *at = &device.desc[head];
	const struct virtio_blk_header *h = (const struct virtio_blk_header *)(uintptr_t)at->addr;

	assert_int_equal(at->len, 16);
	assert_int_equal(at->flags, VIRTQ_NEXT);
	assert_int_equal(h->type, VIRTIO_BLK_T_IN);
	for (unsigned i = 0; i < segments; i++) {
		at = &device.desc[at->next];
		assert_int_equal(at->flags, VIRTQ_NEXT | VIRTQ_WRITE);
		assert_int_equal(at->len, page.bytes);
	}
	at = &device.desc[at->next];
	assert_int_equal(at->flags, VIRTQ_WRITE);
	assert_int_equal(at->len, 1);
	*(uint8_t *)(uintptr_t)at->addr = status;
	memmove(&device.heads[n], &device.heads[n + 1], (--device.waiting - n) * sizeof(device.heads[0]));
	give_back(head);
}

static struct virtio_disk *virtio(unsigned size)
{
	struct virtio_disk *d = calloc(1, sizeof(*d));

	request = requests[block_count()];
	memset(&device, 0, sizeof(device));
	device.size = size;
	d->transport = &transport;
	d->line = 7;
	block_host = (struct block_host){ .ticks = ticks, .dma_alloc = dma_alloc, .dma_free = dma_free };
	memset(calls, 0, sizeof(calls));
	assert_int_equal(virtio_disk_start(d), OK);
	assert_int_equal(device.status & VIRTIO_DRIVER_OK, VIRTIO_DRIVER_OK);
	assert_int_equal(device.line, 7);
	return d;
}

static void interrupt(void)
{
	bool irqs = arch_irq_save();

	device.handler(device.ctx);
	arch_irq_restore(irqs);
}

static void test_virtio_ring(void **state)
{
	static struct block_segment pages[3] = { { { 0x1000 }, 4096 }, { { 0x9000 }, 4096 }, { { 0x5000 }, 4096 } };
	struct virtio_disk *d = virtio(16);
	struct block_device *b = &d->block;

	(void)state;
	assert_int_equal(b->sectors, 5000 | 1ull << 32);
	assert_true(b->read_only);
	/* 9000 rounds, so that indices wrap; the ring holds three chains of five descriptors. */
	for (unsigned round = 0; round < 9000; round++) {
		unsigned n = round % 5 + 1, first = device.waiting;

		assert_int_equal(first, 0);
		for (unsigned i = 0; i < n; i++) {
			request[i] = (struct block_request){ .op = BLOCK_READ, .segment = pages, .segments = 3, .done = done };
			calls[i] = 0;
			assert_int_equal(block_submit(b, &request[i]), OK);
		}
		assert_int_equal(device.waiting, n < 3 ? n : 3);
		give_back(16 + device.heads[0]); /* numbers that are no head in flight must be ignored */
		give_back(device.desc[device.heads[0]].next);
		while (device.waiting) {
			complete(device.waiting - 1, 3, round % 7 ? 0 : 1);
			interrupt();
		}
		for (unsigned i = 0; i < n; i++) {
			assert_int_equal(calls[i], 1);
			assert_int_equal(request[i].error, round % 7 ? OK : ERR_IO);
		}
		assert_int_equal(d->free_count, 16);
	}
}

static void test_virtio_reset(void **state)
{
	struct virtio_disk *d = virtio(16);

	(void)state;
	for (unsigned i = 0; i < 7; i++)
		submit(&d->block, i);
	assert_int_equal(device.waiting, 5);
	clock_ticks += BLOCK_TIMEOUT;
	block_tick();
	assert_int_equal(d->block.stats.resets, 1);
	assert_int_equal(device.waiting, 5);
	while (device.waiting) {
		complete(0, 1, 0);
		interrupt();
	}
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(calls[i], 1);
	assert_int_equal(d->free_count, 16);
}

/* Sizes that are not supported are refused, and the memory is freed. */
static void test_virtio_sizes(void **state)
{
	(void)state;
	for (unsigned size = 0; size < 2048; size = size * 2 + 1) {
		struct virtio_disk d = { .transport = &transport };

		device.size = size;
		assert_int_equal(virtio_disk_start(&d), ERR_UNSUPPORTED);
		assert_int_equal(device.status, VIRTIO_FAILED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_virtio_ring), cmocka_unit_test(test_virtio_reset), cmocka_unit_test(test_virtio_sizes),
	};

	return cmocka_run_group_tests_name("virtio", tests, NULL, NULL);
}
