/* tests/host/paging/test_repeated.c - ARM's pages that are one entry written sixteen times: read, cut, removed.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/paging/sim.h"

static struct sim sim;

static void unmap_all(void)
{
	assert_int_equal(pt_unmap(&sim.space, 0, 1ull << 32, NULL), OK);
	pt_prune(&sim.space, 0, 1ull << 32, NULL);
}

/* Writes entry, sixteen times, where va's entries stand at level. */
static void put_sixteen(const struct variant *v, uint64_t va, unsigned level, uint32_t entry)
{
	unmap_all();
	for (unsigned i = 0; i < 16; i++, va += 1ull << v->format->level[level].shift) {
		paddr_t at;

		assert_int_equal(pt_ensure(&sim.space, va, level, NULL, &at), OK);
		sim_put(&sim, at.v, entry);
	}
}

static unsigned mapped_in(uint64_t va, uint64_t bytes, uint64_t pa)
{
	unsigned n = 0;

	for (uint64_t i = 0; i < bytes; i += 4096) {
		struct hw_page hw = sim_hw_walk(&sim, va + i + 0x123);

		if (hw.end == HW_MAPPED) {
			assert_int_equal(hw.pa, pa + i + 0x123);
			n++;
		}
	}
	return n;
}

/* No page may be left of which some entries are gone. */
static void check_whole(uint64_t va, uint64_t bytes)
{
	for (uint64_t i = 0; i < bytes; i += 4096) {
		struct hw_page hw = sim_hw_walk(&sim, va + i), other;

		for (uint64_t k = 0; hw.end == HW_MAPPED && k < hw.size; k += 4096) {
			other = sim_hw_walk(&sim, (va + i) / hw.size * hw.size + k);
			assert_int_equal(other.end, HW_MAPPED);
			assert_int_equal(other.size, hw.size);
			assert_int_equal(other.pa - other.pa % other.size, hw.pa - hw.pa % hw.size);
		}
	}
}

static bool check_visited_page(void *ctx, const struct pt_visit_entry *e)
{
	uint64_t *next = ctx;   /* address, then its memory */

	assert_int_equal(e->va, next[0]);
	assert_int_equal(e->pa.v, next[1]);
	next[0] += e->size;
	next[1] += e->size;
	return true;
}

static void check_visited(uint64_t va, uint64_t size, uint64_t pa)
{
	uint64_t next[2] = { va, pa };

	assert_int_equal(pt_visit(&sim.space, va, va + size - 1, PT_VISIT_LEAF, check_visited_page, next), OK);
	assert_int_equal(next[0], va + size);
}

/* Of sixteen entries one is another page's: the others are made single, it stays as it is. */
static void repeated_with_a_stranger(const struct variant *v)
{
	const uint64_t va = 0x70010000;

	if (v->cpu.tables != HW_ARM_SHORT)
		return;
	sim_init(&sim, v);
	put_sixteen(v, va, 0, 0x4003003D);
	sim_put(&sim, sim_hw_walk(&sim, va + 0x9000).entry_pa[1], 0x5555503E);
	assert_int_equal(pt_unmap(&sim.space, va + 0x3000, 4096, NULL), OK);
	assert_int_equal(sim_hw_walk(&sim, va + 0x9000).pa, 0x55555000);
	assert_int_equal(sim_hw_walk(&sim, va + 0xA000).pa, 0x4003A000);
	assert_int_equal(sim_hw_walk(&sim, va + 0x3000).end, HW_NOT_PRESENT);
	sim_free(&sim);
}

static void repeated(const struct variant *v)
{
	/* 64 KiB at level 0 and 16 MiB at level 1: AP 011, write-back, executable. */
	static const struct { unsigned level; uint32_t entry; uint64_t va, pa, size, unit; } rows[] = {
		{ 0, 0x40030000 | 0x3D, 0x70010000, 0x40030000, 0x10000, 0x1000 },
		{ 1, 0x42000000 | 1 << 18 | 0xC0E, 0x71000000, 0x42000000, 0x1000000, 0x100000 },
	};

	if (v->cpu.tables != HW_ARM_SHORT)
		return;
	for (unsigned r = 0; r < ARRAY_LEN(rows); r++) {
		uint64_t va = rows[r].va, pa = rows[r].pa, size = rows[r].size, pages = size >> 12;

		sim_init(&sim, v);
		put_sixteen(v, va, rows[r].level, rows[r].entry);
		assert_int_equal(mapped_in(va, size, pa), pages);
		assert_int_equal(sim_hw_walk(&sim, va).size, size);

		check_visited(va, size, pa);
		assert_int_equal(pt_unmap(&sim.space, va + 5 * rows[r].unit, 4096, &sim.change), OK);
		assert_int_equal(mapped_in(va, size, pa), pages - 1);
		check_whole(va, size);
		assert_true(sim.change_count >= 16);
		assert_int_equal(pt_unmap(&sim.space, va, size, NULL), OK);
		assert_int_equal(mapped_in(va, size, pa), 0);

		put_sixteen(v, va, rows[r].level, rows[r].entry);
		assert_int_equal(pt_protect(&sim.space, va + 4096, 8192, PROT_R, NULL), OK);
		assert_int_equal(mapped_in(va, size, pa), pages);
		check_whole(va, size);
		assert_true(sim_hw_walk(&sim, va).may[HW_USER][HW_WRITE]);
		assert_false(sim_hw_walk(&sim, va + 8192).may[HW_USER][HW_READ]);
		assert_int_equal(pt_unmap(&sim.space, va, size, NULL), OK);

		put_sixteen(v, va, rows[r].level, rows[r].entry);
		assert_int_equal(pt_split(&sim.space, va + size - 1, NULL), OK);
		assert_int_equal(mapped_in(va, size, pa), pages);
		assert_int_equal(sim_hw_walk(&sim, va + size - 1).size, 4096);
		check_whole(va, size);
		assert_int_equal(pt_unmap(&sim.space, va, size, NULL), OK);

		put_sixteen(v, va, rows[r].level, rows[r].entry);
		assert_int_equal(pt_unmap(&sim.space, va, size, NULL), OK);
		assert_int_equal(mapped_in(va, size, pa), 0);
		unmap_all();
		assert_int_equal(sim.live, 0);
		sim_free(&sim);
	}
}

/* A supersection above 4 GiB has no sections to be cut into. */
static void high_supersection(const struct variant *v)
{
	const uint64_t va = 0x71000000, pa = 0xA542000000;

	if (v->cpu.tables != HW_ARM_SHORT || v->mode.pa_bits < 40)
		return;
	sim_init(&sim, v);
	put_sixteen(v, va, 1, 0x42000000 | 5 << 20 | 0xA << 5 | 1 << 18 | 0xC0E);
	assert_int_equal(mapped_in(va, 1 << 24, pa), 4096);
	assert_int_equal(pt_unmap(&sim.space, va + (3 << 20), 1 << 20, NULL), ERR_RANGE);
	assert_int_equal(pt_split(&sim.space, va, NULL), ERR_RANGE);
	assert_int_equal(pt_protect(&sim.space, va, 1 << 24, PROT_R, NULL), ERR_RANGE);
	assert_true(sim_hw_walk(&sim, va).may[HW_USER][HW_WRITE]);
	assert_int_equal(mapped_in(va, 1 << 24, pa), 4096);
	assert_int_equal(pt_unmap(&sim.space, va, 1 << 24, NULL), OK);
	assert_int_equal(mapped_in(va, 1 << 24, pa), 0);
	sim_free(&sim);
}

static const struct named_test tests[] = {
	{ "repeated", repeated },
	{ "repeated with a stranger", repeated_with_a_stranger },
	{ "high supersection", high_supersection },
};

int main(void)
{
	return run_for_all(tests, ARRAY_LEN(tests));
}
