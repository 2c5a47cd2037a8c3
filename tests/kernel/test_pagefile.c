/* tests/kernel/test_pagefile.c - transfers between slots and frames: many in flight, scattered frames, errors, refusals.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/pagefile.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "tests/kernel/kernel_test.h"

#define TRANSFERS 6
#define SLOTS     PAGEFILE_IO_MAX
#define WORDS     (PAGE_SIZE / sizeof(uint32_t))

static struct pagefile_io io[TRANSFERS];
static pfn_t slot_test_frame[TRANSFERS][SLOTS];
static unsigned ended[TRANSFERS];
static unsigned file;
static uint64_t first_slot;

static void done(struct pagefile_io *p)
{
	ended[p - io]++;
}

/* Differs in each word of each page, file and generation. */
static uint32_t word_of(unsigned i, unsigned slot, unsigned word, unsigned generation)
{
	return ((((generation * PAGEFILES + file) * TRANSFERS + i) * SLOTS + slot) * WORDS + word) * 2654435761u;
}

static void fill(unsigned i, unsigned slot, unsigned generation)
{
	uint32_t *at = kmap(slot_test_frame[i][slot]);

	for (unsigned w = 0; w < WORDS; w++)
		at[w] = word_of(i, slot, w, generation);
	kunmap(at);
}

static bool holds(unsigned i, unsigned slot, unsigned generation)
{
	const uint32_t *at = kmap(slot_test_frame[i][slot]);
	unsigned w = 0;

	while (w < WORDS && at[w] == word_of(i, slot, w, generation))
		w++;
	kunmap(at);
	return w == WORDS;
}

/* Transfer i has its own slots, in another order than the submissions; the lengths differ, too. */
static unsigned slots_of(unsigned i)
{
	return SLOTS - 3 * i;
}

static const char *transfer_all(bool write, err_t expected)
{
	memset(ended, 0, sizeof(ended));
	for (unsigned i = 0; i < TRANSFERS; i++) {
		io[i] = (struct pagefile_io){ .write = write, .file = (uint8_t)file,
		                              .slot = first_slot + (uint64_t)(i * 5 % TRANSFERS) * SLOTS,
		                              .count = slots_of(i), .frame = slot_test_frame[i], .done = done };
		EXPECT(pagefile_submit(&io[i]) == OK);
	}
	for (unsigned i = 0; i < TRANSFERS; i++) {
		EXPECT(pagefile_wait(&io[i]) == expected);
		EXPECT(ended[i] == 1);
	}
	return NULL;
}

static void fill_all(unsigned generation)
{
	for (unsigned i = 0; i < TRANSFERS * SLOTS; i++)
		fill(i / SLOTS, i % SLOTS, generation);
}

static const char *check_all(unsigned generation)
{
	for (unsigned i = 0; i < TRANSFERS; i++)
		for (unsigned slot = 0; slot < slots_of(i); slot++)
			EXPECT(holds(i, slot, generation));
	return NULL;
}

static const char *errors(void)
{
	const char *why;

	block_inject(pagefile(file)->disk, 1, 1, BLOCK_FAULT_ERROR);
	why = transfer_all(false, ERR_IO);
	block_inject(pagefile(file)->disk, 0, 1, BLOCK_FAULT_ERROR);
	return why;
}

static const char *refusals(void)
{
	static const struct { unsigned file; int64_t slot; unsigned count; err_t error; } bad[] = {
		{ 0, 0, 1, ERR_RANGE }, { 0, 1, 0, ERR_INVALID }, { 0, 1, PAGEFILE_IO_MAX + 1, ERR_INVALID },
		{ PAGEFILES, 1, 1, ERR_INVALID }, { 0, -1, 2, ERR_RANGE }, { 0, -2, 3, ERR_RANGE },
		{ 0, INT64_MIN, 1, ERR_RANGE },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		/* A negative slot counts from the end. */
		uint64_t slot = (uint64_t)bad[i].slot + (bad[i].slot < 0 ? pagefile(file)->slots : 0);

		io[0] = (struct pagefile_io){ .file = (uint8_t)(bad[i].file ? bad[i].file : file), .slot = slot,
		                              .count = bad[i].count, .frame = slot_test_frame[0], .done = done };
		ended[0] = 0;
		EXPECT(pagefile_submit(&io[0]) == bad[i].error);
		EXPECT(ended[0] == 0);
	}
	return NULL;
}

static const char *one_file(void)
{
	const char *why = refusals();

	fill_all(1);
	if (!why)
		why = transfer_all(true, OK);
	fill_all(2);
	if (!why)
		why = transfer_all(false, OK);
	if (!why)
		why = check_all(1);
	return why ? why : errors();
}

static unsigned allocate(void)
{
	unsigned n = 0;

	/* FRAME_ANY prefers frames outside the direct map, which some disks do not reach. */
	while (n < TRANSFERS * SLOTS && frame_alloc(FRAME_ANY, FRAME_KERNEL, &slot_test_frame[n / SLOTS][n % SLOTS]) == OK)
		n++;
	return n;
}

static const char *test_pagefile(void)
{
	struct test_balance balance;
	const char *why;
	unsigned n, tested = 0;

	if (!pagefile(0))
		return KERNEL_TEST_SKIP "there is no page file";
	test_balance_take(&balance);
	n = allocate();
	why = n < TRANSFERS * SLOTS ? "no frames" : NULL;
	for (file = 0; !why && pagefile(file); file++) {
		unsigned slots = pagefile_borrow(file, TRANSFERS * SLOTS, &first_slot);

		if (slots == TRANSFERS * SLOTS) {
			why = one_file();
			tested++;
		}
		pagefile_give_back(file, first_slot, slots);
	}
	while (n-- > 0)
		frame_put(slot_test_frame[n / SLOTS][n % SLOTS]);
	if (!why)
		why = test_balance_check(&balance);
	return !why && !tested ? KERNEL_TEST_SKIP "no page file has enough free slots" : why;
}
KERNEL_TEST(pagefile) = { "pagefile", "transfers of slots keep contents, report errors, refuse bad slots", test_pagefile, false };
