/* kernel/disk.c - what disk drivers need from the kernel, and synchronous transfers.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/disk.h"
#include "arch/cpu.h"
#include "kernel/pagefile.h"
#include "kernel/proc.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/phys/direct.h"
#include "mm/phys/kmap.h"
#include "mm/space/device.h"

STATIC_ASSERT(drivers_count_the_ticks_of_the_scheduler, BLOCK_HZ == SCHED_HZ);

/* Processes that wait for a request of any disk. All wake up at each completion, and each checks its own request. */
static struct wait_queue waiters = { LIST_INIT(waiters.sleepers) };

/* Disks that were found and cannot be used, in the order in which drivers found them; further ones are dropped. */
static struct disk_refusal refusals[DISK_REFUSALS];
static unsigned refusal_count;

const struct disk_refusal *disk_refusal(unsigned n)
{
	return n < refusal_count ? &refusals[n] : NULL;
}

/* For struct block_host: 1 << order zeroed frames, which 32-bit devices reach. NULL: no memory. */
static void *dma_alloc(unsigned order, paddr_t *pa)
{
	pfn_t first;

	if (frame_alloc_run(order, FRAME_LOW | FRAME_BELOW_4G, FRAME_KERNEL, &first) != OK)
		return NULL;
	*pa = pfn_base(first);
	memset(phys_to_virt(*pa), 0, PAGE_SIZE << order);
	return phys_to_virt(*pa);
}

static void dma_free(void *p, unsigned order)
{
	if (p)
		frame_free_run(pfn_of(virt_to_phys(p)), 1u << order);
}

/* NULL: the frame is not in the direct map, and only the device can access it. */
static void *address(paddr_t pa)
{
	return frame_is_low(pfn_of(pa)) ? phys_to_virt(pa) : NULL;
}

/* Interrupts are off, so the completion cannot come between the caller's check and the wait. */
static void sleep(void)
{
	sched_wait_on(&waiters);
}

static void wake(void)
{
	sched_wake(&waiters);
}

/* The reference is never dropped. */
static void keep(paddr_t pa, uint32_t bytes)
{
	for (uint64_t at = ALIGN_DOWN(pa.v, (uint64_t)PAGE_SIZE); at < pa.v + bytes; at += PAGE_SIZE) {
		const struct frame *f = frame_at(pfn_of(PADDR(at)));

		if (f && f->refs)
			frame_get(frame_pfn(f));
	}
}

static void refused(const char *kind, const char *where, err_t why)
{
	struct disk_refusal *r = &refusals[refusal_count];

	if (refusal_count == DISK_REFUSALS)
		return;
	r->kind = kind;
	r->why = why;
	str_copy(r->where, where, sizeof(r->where));
	refusal_count++;
}

void disk_init(void)
{
	block_host = (struct block_host){
		.dma_alloc = dma_alloc, .dma_free = dma_free, .map_device = device_map, .address = address,
		 .direct_end = frame_db.low_end << PAGE_SHIFT,
		.ticks = sched_ticks, .sleep = sleep, .wake = wake, .keep = keep, .refused = refused,
	};
	for (const struct disk_driver *d = disk_drivers_start; d < disk_drivers_end; d++)
		d->probe();
	pagefile_init();
}

/* ---- synchronous transfers ---- */

static err_t transfer(struct block_device *d, enum block_op op, uint64_t sector, void *buf, unsigned sectors)
{
	char *at = buf, *window;
	pfn_t frame;
	err_t err = frame_alloc(FRAME_LOW | FRAME_BELOW_4G, FRAME_KERNEL, &frame);

	if (err != OK)
		return err;
	window = phys_to_virt(pfn_base(frame));
	while (err == OK && sectors > 0) {
		unsigned n = sectors < PAGE_SIZE / BLOCK_SECTOR ? sectors : PAGE_SIZE / BLOCK_SECTOR;
		struct block_segment s = { pfn_base(frame), n * BLOCK_SECTOR };
		struct block_request r = { .op = op, .sector = sector, .segment = &s, .segments = 1 };

		if (op == BLOCK_WRITE)
			memcpy(window, at, s.bytes);
		err = block_io(d, &r);
		if (op == BLOCK_READ && err == OK)
			memcpy(at, window, s.bytes);
		at += s.bytes;
		sector += n;
		sectors -= n;
	}
	frame_put(frame);
	return err;
}

err_t disk_read(struct block_device *d, uint64_t sector, void *buf, unsigned sectors)
{
	return transfer(d, BLOCK_READ, sector, buf, sectors);
}

err_t disk_write(struct block_device *d, uint64_t sector, const void *buf, unsigned sectors)
{
	return transfer(d, BLOCK_WRITE, sector, (void *)(uintptr_t)buf, sectors);
}
