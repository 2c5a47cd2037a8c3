/* tests/host/mm/test_memmap.c - firmware maps against one that knows each page by itself.
 * SPDX-License-Identifier: MIT
 *
 * The model marks pages in arrays, range by range, 256 bytes at a time; it sorts and merges nothing.
 */
#include "tests/host/mm/fixture.h"

#define PAGES   512u
#define GRAIN   256u
#define GRAINS  (PAGES * PAGE_SIZE / GRAIN)

static unsigned char ram_grain[GRAINS], claimed_grain[GRAINS];
static bool model[PAGES];

static void mark(unsigned char *grain, uint64_t base, uint64_t len)
{
	for (uint64_t g = base / GRAIN; g < (base + len) / GRAIN && g < GRAINS; g++)
		grain[g] = 1;
}

/* All ranges in the model's world begin and end on grains. */
static void model_from(const struct boot_range *r, size_t n, uint64_t limit_page)
{
	memset(ram_grain, 0, sizeof(ram_grain));
	memset(claimed_grain, 0, sizeof(claimed_grain));
	for (size_t i = 0; i < n; i++)
		mark(r[i].type == 1 ? ram_grain : claimed_grain, r[i].base, r[i].len);
	for (unsigned p = 0; p < PAGES; p++) {
		model[p] = p < limit_page;
		for (unsigned g = 0; g < PAGE_SIZE / GRAIN; g++) {
			unsigned at = p * (unsigned)(PAGE_SIZE / GRAIN) + g;

			if (!ram_grain[at] || claimed_grain[at])
				model[p] = false;
		}
	}
}

static void compare(const struct memmap *map)
{
	static bool got[PAGES];
	uint64_t last_end = 0, bytes = 0, first = 0, end = 0;

	memset(got, 0, sizeof(got));
	for (unsigned i = 0; i < map->n; i++) {
		uint64_t base = map->run[i].base.v, len = map->run[i].len;

		assert_true(len != 0 && base % PAGE_SIZE == 0 && len % PAGE_SIZE == 0);
		if (i > 0)
			assert_true(base > last_end);
		last_end = base + len;
		assert_true(last_end <= PAGES * PAGE_SIZE);
		memset(got + base / PAGE_SIZE, 1, len / PAGE_SIZE);
	}
	assert_memory_equal(got, model, sizeof(got));
	for (unsigned p = 0; p < PAGES; p++) {
		if (!model[p])
			continue;
		first = end ? first : p;
		end = p + 1;
		bytes += PAGE_SIZE;
	}
	assert_int_equal(memmap_bytes(map), bytes);
	assert_int_equal(memmap_first(map).v, first);
	assert_int_equal(memmap_end(map).v, end);
}

static size_t random_ranges(struct boot_range *r)
{
	size_t n = below(20);

	for (size_t i = 0; i < n; i++) {
		uint64_t base = below(GRAINS), len = below(3) ? below(GRAINS / 8) : below(64);

		/* Half of them whole pages, as in real firmware, so that ranges often touch exactly. */
		if (below(2)) {
			base &= ~15ull;
			len &= ~15ull;
		}
		if (base + len > GRAINS)
			len = GRAINS - base;
		r[i] = (struct boot_range){ .base = base * GRAIN, .len = len * GRAIN, .type = below(3) ? 1 : below(22) };
	}
	return n;
}

static void random_maps(void **state)
{
	struct boot_range r[20];
	struct memmap map;

	(void)state;
	rnd_seed(1);
	for (unsigned round = 0; round < 4000; round++) {
		size_t n = random_ranges(r);

		model_from(r, n, PAGES);
		assert_int_equal(memmap_init(&map, r, n, 64), OK);
		assert_int_equal(map.beyond, 0);
		compare(&map);
	}
}

static void random_reservations(void **state)
{
	struct boot_range r[20];
	struct memmap map;

	(void)state;
	rnd_seed(2);
	for (unsigned round = 0; round < 1000; round++) {
		size_t n = random_ranges(r);

		model_from(r, n, PAGES);
		assert_int_equal(memmap_init(&map, r, n, 64), OK);
		for (unsigned i = 0; i < 20; i++) {
			uint64_t pa = below(PAGES * PAGE_SIZE), len = below(2) ? below(3) : below(20 * PAGE_SIZE);

			for (unsigned p = 0; len && p < PAGES; p++)
				if ((uint64_t)(p + 1) * PAGE_SIZE > pa && (uint64_t)p * PAGE_SIZE < pa + len)
					model[p] = false;
			assert_int_equal(memmap_reserve(&map, PADDR(pa), len), OK);
			compare(&map);
		}
	}
}

static void has_asks_every_page(void **state)
{
	struct boot_range r[20];
	struct memmap map;

	(void)state;
	rnd_seed(3);
	for (unsigned round = 0; round < 300; round++) {
		size_t n = random_ranges(r);

		model_from(r, n, PAGES);
		assert_int_equal(memmap_init(&map, r, n, 64), OK);
		for (unsigned i = 0; i < 100; i++) {
			uint64_t pa = below((PAGES - 8) * PAGE_SIZE), len = below(6 * PAGE_SIZE);
			bool all = true;

			for (uint64_t at = pa; at < pa + len; at++)
				all = all && model[at / PAGE_SIZE];
			assert_int_equal(memmap_has(&map, PADDR(pa), len), all);
		}
	}
}

static void take_gives_the_highest(void **state)
{
	struct boot_range r[20];
	struct memmap map;

	(void)state;
	rnd_seed(4);
	for (unsigned round = 0; round < 2000; round++) {
		size_t n = random_ranges(r);
		uint64_t pages = 1 + below(8), align = 1u << below(5), limit = below(PAGES + 50), want = UINT64_MAX;
		paddr_t at;
		err_t err;

		model_from(r, n, PAGES);
		assert_int_equal(memmap_init(&map, r, n, 64), OK);
		for (uint64_t p = 0; p + pages <= PAGES && p + pages <= limit; p += align) {
			bool ok = true;

			for (uint64_t i = 0; i < pages; i++)
				ok = ok && model[p + i];
			want = ok ? p : want;
		}
		err = memmap_take(&map, pages * PAGE_SIZE - below(PAGE_SIZE), align * PAGE_SIZE, PADDR(limit * PAGE_SIZE), &at);
		assert_int_equal(err, want == UINT64_MAX ? ERR_NO_MEMORY : OK);
		if (!err) {
			assert_int_equal(at.v, want * PAGE_SIZE);
			memset(model + want, 0, pages);
		}
		compare(&map);
	}
}

static void what_the_mode_cannot_reach_is_counted(void **state)
{
	struct boot_range r[20];
	struct memmap map, again;

	(void)state;
	rnd_seed(5);
	for (unsigned round = 0; round < 1000; round++) {
		size_t n = random_ranges(r);
		unsigned bits = 13 + below(9);      /* the model's world has 21 bits */
		uint64_t all;

		assert_int_equal(memmap_init(&again, r, n, 64), OK);
		all = memmap_bytes(&again);
		model_from(r, n, (uint64_t)1 << (bits - PAGE_SHIFT));
		assert_int_equal(memmap_init(&map, r, n, bits), OK);
		compare(&map);
		assert_int_equal(map.beyond, all - memmap_bytes(&map));
		memmap_limit(&again, PADDR((uint64_t)1 << bits));
		compare(&again);
		assert_int_equal(again.beyond, map.beyond);
	}
}

static void expect_run(const struct memmap *map, unsigned i, uint64_t base, uint64_t len)
{
	assert_true(i < map->n);
	assert_int_equal(map->run[i].base.v, base);
	assert_int_equal(map->run[i].len, len);
}

/* What QEMU's firmware says with -m 4G: RAM goes on above the hole below 4 GiB. */
static void qemu_with_4_gib(void **state)
{
	static const struct boot_range r[] = {
		{ 0x100000000, 0x40000000, 1, 0 }, { 0, 0x9fc00, 1, 0 }, { 0x9fc00, 0x400, 2, 0 },
		{ 0xf0000, 0x10000, 2, 0 }, { 0x100000, 0xbfee0000, 1, 0 }, { 0xbffe0000, 0x20000, 2, 0 },
		{ 0xfffc0000, 0x40000, 2, 0 },
	};
	struct memmap map;

	(void)state;
	assert_int_equal(memmap_init(&map, r, ARRAY_LEN(r), 36), OK);
	assert_int_equal(map.n, 3);
	expect_run(&map, 0, 0, 0x9f000);
	expect_run(&map, 1, 0x100000, 0xbfee0000);
	expect_run(&map, 2, 0x100000000, 0x40000000);
	assert_int_equal(map.beyond, 0);
	assert_int_equal(memmap_init(&map, r, ARRAY_LEN(r), 32), OK);
	assert_int_equal(map.n, 2);
	assert_int_equal(map.beyond, 0x40000000);
}

static void ends_of_the_world(void **state)
{
	static const struct boot_range wraps[] = { { UINT64_MAX - 0x2fff, 0x10000, 1, 0 } };
	static const struct boot_range claims[] = { { 0x1000, 0xf000, 1, 0 }, { 0x4000, UINT64_MAX, 2, 0 } };
	static const struct boot_range whole[] = { { 0, UINT64_MAX, 1, 0 }, { 0, 0, 2, 0 }, { 0x5000, 0, 2, 0 } };
	struct memmap map;
	paddr_t at;

	(void)state;
	assert_int_equal(memmap_init(&map, wraps, 1, 64), OK);
	assert_int_equal(map.n, 1);
	expect_run(&map, 0, UINT64_MAX - 0x2fff, 0x2000);
	assert_int_equal(memmap_init(&map, wraps, 1, 40), OK);
	assert_int_equal(map.n, 0);
	assert_int_equal(map.beyond, 0x2000);
	assert_int_equal(memmap_init(&map, claims, 2, 64), OK);
	assert_int_equal(map.n, 1);
	expect_run(&map, 0, 0x1000, 0x3000);
	assert_int_equal(memmap_init(&map, whole, 3, 64), OK);
	assert_int_equal(map.n, 1);
	expect_run(&map, 0, 0, UINT64_MAX - 0xfff);
	/* Reservations that wrap, or end in the last page, reach to the end. */
	assert_int_equal(memmap_reserve(&map, PADDR(0x10000001), UINT64_MAX), OK);
	expect_run(&map, 0, 0, 0x10000000);
	assert_int_equal(memmap_take(&map, UINT64_MAX, PAGE_SIZE, PADDR(UINT64_MAX), &at), ERR_NO_MEMORY);
	assert_int_equal(memmap_init(&map, NULL, 0, 64), OK);
	assert_int_equal(memmap_bytes(&map), 0);
	assert_int_equal(memmap_end(&map).v, 0);
	assert_false(memmap_has(&map, PADDR(0), 1));
	assert_true(memmap_has(&map, PADDR(0), 0));
}

/* More runs than the table holds: the lowest are kept, the rest is counted, nothing claimed slips in. */
static void full_tables_are_honest(void **state)
{
	static struct boot_range r[MEMMAP_MAX_RUNS + 10];
	struct memmap map, copy;

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(r); i++)
		r[ARRAY_LEN(r) - 1 - i] = (struct boot_range){ i * 0x10000ull, 0x5000, 1, 0 };
	assert_int_equal(memmap_init(&map, r, ARRAY_LEN(r), 64), ERR_NO_MEMORY);
	assert_int_equal(map.n, MEMMAP_MAX_RUNS);
	assert_int_equal(map.dropped, 10 * 0x5000);
	for (unsigned i = 0; i < map.n; i++)
		expect_run(&map, i, i * 0x10000ull, 0x5000);
	copy = map;
	assert_int_equal(memmap_reserve(&map, PADDR(0x31000), 1), ERR_NO_MEMORY);
	assert_memory_equal(&map, &copy, sizeof(map));
	/* Cutting at an end needs no room; taking a whole run makes some. */
	assert_int_equal(memmap_reserve(&map, PADDR(0x30000), 1), OK);
	expect_run(&map, 3, 0x31000, 0x4000);
	assert_int_equal(memmap_reserve(&map, PADDR(0x40000), 0x8000), OK);
	assert_int_equal(map.n, MEMMAP_MAX_RUNS - 1);
	assert_int_equal(memmap_reserve(&map, PADDR(0x32000), 1), OK);
	expect_run(&map, 3, 0x31000, 0x1000);
	expect_run(&map, 4, 0x33000, 0x2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_maps),
		cmocka_unit_test(random_reservations),
		cmocka_unit_test(has_asks_every_page),
		cmocka_unit_test(take_gives_the_highest),
		cmocka_unit_test(what_the_mode_cannot_reach_is_counted),
		cmocka_unit_test(qemu_with_4_gib),
		cmocka_unit_test(ends_of_the_world),
		cmocka_unit_test(full_tables_are_honest),
	};
	return cmocka_run_group_tests_name("memmap", tests, NULL, NULL);
}
