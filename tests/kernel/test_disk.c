/* tests/kernel/test_disk.c - page files: many requests in flight, scattered buffers, requests that must be refused.
 * SPDX-License-Identifier: MIT
 */
#include "drivers/block.h"
#include "kernel/disk.h"
#include "kernel/pagefile.h"
#include "lib/pagefile.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "tests/kernel/kernel_test.h"

#define REQUESTS     48
#define PARTS        3
#define PART_SECTORS 4          /* a request of three parts does not begin or end at a slot's boundary */
#define SECTORS      (PARTS * PART_SECTORS)
#define SLOTS        (2 * SECTORS * REQUESTS / SLOT_SECTORS)
#define SLOT_SECTORS (PAGEFILE_SLOT / BLOCK_SECTOR)
#define WORDS        (PART_SECTORS * BLOCK_SECTOR / sizeof(uint32_t))

static struct block_request request[REQUESTS];
static struct block_segment segment[REQUESTS][PARTS];
static pfn_t disk_test_frame[REQUESTS][PARTS];
static unsigned completed;

static void note_end(struct block_request *r)
{
	completed += r->finished;
}

static uint32_t word_of(const struct block_device *d, unsigned i, unsigned part, unsigned word)
{
	return (uint32_t)(uintptr_t)d * 2654435761u + ((i * PARTS + part) << 12) + word;
}

static void fill(const struct block_device *d, unsigned i, unsigned part)
{
	uint32_t *at = kmap(disk_test_frame[i][part]);

	for (unsigned w = 0; w < WORDS; w++)
		at[w] = word_of(d, i, part, w);
	kunmap(at);
}

static bool holds(const struct block_device *d, unsigned i, unsigned part)
{
	const uint32_t *at = kmap(disk_test_frame[i][part]);
	unsigned w = 0;

	while (w < WORDS && at[w] == word_of(d, i, part, w))
		w++;
	kunmap(at);
	return w == WORDS;
}

static void wipe(unsigned i, unsigned part)
{
	void *at = kmap(disk_test_frame[i][part]);

	memset(at, 0xEE, PAGE_SIZE);
	kunmap(at);
}

/* Submits all requests at once, for sectors spread over SLOTS slots. */
static const char *go(struct block_device *d, enum block_op op, uint64_t first)
{
	completed = 0;
	for (unsigned i = 0; i < REQUESTS; i++) {
		request[i] = (struct block_request){ .op = op, .sector = first + (uint64_t)(i * 7 % REQUESTS) * 2 * SECTORS + 1,
		                                     .segment = segment[i], .segments = PARTS, .done = note_end };
		for (unsigned p = 0; p < PARTS; p++)
			segment[i][p] = (struct block_segment){ pfn_base(disk_test_frame[i][p]), PART_SECTORS * BLOCK_SECTOR };
		EXPECT(block_submit(d, &request[i]) == OK);
	}
	for (unsigned i = 0; i < REQUESTS; i++) {
		block_wait(d, &request[i]);
		EXPECT(request[i].error == OK);
	}
	EXPECT(completed == REQUESTS);
	return NULL;
}

static const char *write_and_read(struct block_device *d, uint64_t first)
{
	const char *why;

	for (unsigned i = 0; i < REQUESTS * PARTS; i++)
		fill(d, i / PARTS, i % PARTS);
	why = go(d, BLOCK_WRITE, first);
	for (unsigned i = 0; i < REQUESTS * PARTS; i++)
		wipe(i / PARTS, i % PARTS);
	if (!why)
		why = go(d, BLOCK_READ, first);
	for (unsigned i = 0; !why && i < REQUESTS * PARTS; i++)
		EXPECT(holds(d, i / PARTS, i % PARTS));
	return why;
}

/* block_submit() must refuse each of them at once. */
static const char *refusals(struct block_device *d)
{
	struct block_segment s = { pfn_base(disk_test_frame[0][0]), BLOCK_SECTOR }, odd = { s.pa, BLOCK_SECTOR + 4 };
	struct block_segment skew = { paddr_add(s.pa, 2), BLOCK_SECTOR }, none = { s.pa, 0 };
	struct block_request r = { .op = BLOCK_READ, .segment = &s, .segments = 1, .sector = d->sectors };

	EXPECT(block_submit(d, &r) == ERR_RANGE);
	r.sector = UINT64_MAX;
	EXPECT(block_submit(d, &r) == ERR_RANGE);
	r.sector = 0;
	r.segments = 0;
	EXPECT(block_submit(d, &r) == ERR_INVALID);
	r.segments = d->segments + 1;
	EXPECT(block_submit(d, &r) == ERR_INVALID);
	r.segments = 1;
	r.segment = &odd;
	EXPECT(block_submit(d, &r) == ERR_INVALID);
	r.segment = &skew;
	EXPECT(block_submit(d, &r) == ERR_INVALID);
	r.segment = &none;
	EXPECT(block_submit(d, &r) == ERR_INVALID);
	return NULL;
}

static unsigned allocate(struct block_device *d)
{
	/* FRAME_ANY prefers frames outside the direct map. */
	bool low = d->buffer_end <= block_host.direct_end, below = d->buffer_end <= 1ull << 32;
	unsigned flags = (low ? FRAME_LOW : FRAME_ANY) | (below ? FRAME_BELOW_4G : FRAME_ANY), n = 0;

	while (n < REQUESTS * PARTS && frame_alloc(flags, FRAME_KERNEL, &disk_test_frame[n / PARTS][n % PARTS]) == OK)
		n++;
	return n;
}

static const char *one_disk(struct block_device *d, uint64_t first)
{
	unsigned n = allocate(d);
	const char *why = n < REQUESTS * PARTS ? "no frames" : refusals(d);

	if (!why)
		why = write_and_read(d, first);
	while (n-- > 0)
		frame_put(disk_test_frame[n / PARTS][n % PARTS]);
	return why;
}

static const char *disk(void)
{
	struct test_balance balance;
	const char *why = NULL;
	unsigned tested = 0;

	if (!pagefile(0))
		return KERNEL_TEST_SKIP "there is no page file";
	test_balance_take(&balance);
	for (unsigned i = 0; !why && pagefile(i); i++) {
		uint64_t slot;
		unsigned slots = pagefile_borrow(i, SLOTS, &slot);

		if (slots == SLOTS) {
			why = one_disk(pagefile(i)->disk, slot * SLOT_SECTORS);
			tested++;
		}
		pagefile_give_back(i, slot, slots);
	}
	if (!why)
		why = test_balance_check(&balance);
	return !why && !tested ? KERNEL_TEST_SKIP "no page file has enough free slots" : why;
}
KERNEL_TEST(disk) = { "disk", "page files keep what many requests in flight wrote", disk, false };
