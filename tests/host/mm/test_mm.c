/* tests/host/mm/test_mm.c - runs, frames, options and printf, each against a naive model or libc.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "boot/boot_info.h"
#include "lib/cmdline.h"
#include "lib/out.h"
#include "mm/phys/frame.h"
#include "mm/phys/memmap.h"

#define MODEL_PAGES 256

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

/* A page is RAM when usable ranges cover every byte and nothing else touches it. */
static bool model_page(const struct boot_range *r, unsigned n, uint64_t page)
{
	bool byte[16] = { false };

	for (unsigned i = 0; i < n; i++)
		for (unsigned b = 0; b < 16; b++) {
			uint64_t at = page * PAGE_SIZE + b * 256;

			if (at >= r[i].base && at < r[i].base + r[i].len && r[i].type == BOOT_RANGE_RAM)
				byte[b] = true;
		}
	for (unsigned i = 0; i < n; i++)
		if (r[i].type != BOOT_RANGE_RAM && r[i].len && r[i].base < (page + 1) * PAGE_SIZE &&
		    r[i].base + r[i].len > page * PAGE_SIZE)
			return false;
	for (unsigned b = 0; b < 16; b++)
		if (!byte[b])
			return false;
	return true;
}

static void memmap_agrees_with_a_bitmap(void **state)
{
	(void)state;
	srand(1);
	for (unsigned round = 0; round < 500; round++) {
		struct boot_range r[12];
		struct memmap map;
		unsigned n = (unsigned)rand() % 12;

		for (unsigned i = 0; i < n; i++)
			r[i] = (struct boot_range){ .base = (uint64_t)(rand() % (200 * 16)) * 256,
				.len = (uint64_t)(rand() % (50 * 16)) * 256,
				.type = rand() % 3 ? BOOT_RANGE_RAM : BOOT_RANGE_RESERVED };
		assert_int_equal(memmap_init(&map, r, n, 36), OK);
		for (uint64_t p = 0; p < MODEL_PAGES; p++)
			assert_int_equal(memmap_has(&map, PADDR(p * PAGE_SIZE), PAGE_SIZE), model_page(r, n, p));
	}
}

static unsigned zeroed[MODEL_PAGES * 2];
static void note_zero(void *ctx, pfn_t pfn) { (void)ctx; zeroed[pfn.v]++; }

static void frames_agree_with_a_set(void **state)
{
	struct boot_range ram = { .base = 0x10000, .len = MODEL_PAGES * PAGE_SIZE, .type = BOOT_RANGE_RAM };
	struct memmap map;
	static pfn_t held[MODEL_PAGES];
	static bool taken[MODEL_PAGES * 2];
	unsigned n = 0;

	(void)state;
	assert_int_equal(memmap_init(&map, &ram, 1, 36), OK);
	size_t bytes = (size_t)frame_db_bytes(&map);
	void *db = aligned_alloc(64, ALIGN_UP(bytes, 64));
	struct frame_config config = { .ram = &map, .spare = &map, .records = db, .bytes = bytes,
		.low_end = PFN(100), .pool_max = 8, .zero = note_zero };
	assert_int_equal(frame_init(&config), OK);
	assert_int_equal(frame_available(), MODEL_PAGES);
	srand(2);
	for (unsigned i = 0; i < 20000; i++) {
		pfn_t pfn;

		if (rand() % 2 && n) {
			unsigned k = (unsigned)rand() % n;

			assert_true(frame_put(held[k]));
			taken[held[k].v] = false;
			held[k] = held[--n];
		} else if (frame_alloc(rand() % 4 ? FRAME_ANY : FRAME_LOW, FRAME_ACTIVE, &pfn) == OK) {
			assert_false(taken[pfn.v]);
			taken[pfn.v] = true;
			held[n++] = pfn;
		}
		assert_int_equal(frame_available(), MODEL_PAGES - n);
		if (i % 64 == 0)
			assert_null(frame_check(NULL));
	}
	while (n)
		assert_true(frame_put(held[--n]));
	assert_null(frame_check(NULL));
	assert_int_equal(frame_available(), MODEL_PAGES);
	free(db);
}

static void printf_agrees_with_libc(void **state)
{
	static const char *const formats[] = { "[%llx]", "[%016llX]", "[%-20lld]", "[%+lld]", "[%llu]", "[%#llo]",
		"[%12lld]", "[%.9llx]", "[% lld]", "[%#llx]" };

	(void)state;
	srand(3);
	for (unsigned i = 0; i < 20000; i++) {
		char ours[80], libc[80];
		unsigned long long v = ((unsigned long long)rand() << 33 ^ (unsigned long long)rand()) >> (rand() % 64);
		const char *f = formats[i % ARRAY_LEN(formats)];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		int a = str_printf(ours, sizeof(ours), f, v), b = snprintf(libc, sizeof(libc), f, v);
#pragma GCC diagnostic pop
		assert_int_equal(a, b);
		assert_string_equal(ours, libc);
	}
}

static void options_are_found(void **state)
{
	char v[32];
	const char *line = "paging=legacy run=\"pte 0xc0001000; poweroff\" reserve=0x1000,4K pagingx=no";
	uint64_t n;
	const char *text = "0x10M,";

	(void)state;
	assert_true(cmdline_is(line, "paging", "legacy"));
	assert_false(cmdline_option(line, "pag", 0, v, sizeof(v)));
	assert_true(cmdline_option(line, "run", 0, v, sizeof(v)));
	assert_string_equal(v, "pte 0xc0001000; poweroff");
	assert_false(cmdline_option(line, "reserve", 1, v, sizeof(v)));
	assert_true(cmdline_number(&text, &n));
	assert_int_equal(n, 0x1000000);
	assert_string_equal(text, ",");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memmap_agrees_with_a_bitmap),
		cmocka_unit_test(frames_agree_with_a_set),
		cmocka_unit_test(printf_agrees_with_libc),
		cmocka_unit_test(options_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
