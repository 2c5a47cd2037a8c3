/* tests/host/paging/test_change.c - changes that fail, pages of repeated entries, the largest pages, bad arguments.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/paging/sim.h"

static struct sim sim;

static uint64_t level_bytes(const struct variant *v, unsigned level)
{
	return 1ull << v->format->level[level].shift;
}

/* A place in the lower half where a top entry's reach ends. */
static uint64_t border(const struct variant *v)
{
	uint64_t reach = level_bytes(v, v->mode.levels - 1u);

	return variant_va(v, reach < 64 << 20 ? 64 << 20 : reach);
}

/* ---- an allocator that fails at its nth call, for every n ---- */

#define PROBES 4096

struct probe { uint64_t first; unsigned n; struct hw_page page[PROBES]; };

static void probe(struct probe *p, uint64_t first, unsigned n)
{
	p->first = first;
	p->n = n;
	for (unsigned i = 0; i < n; i++)
		p->page[i] = sim_hw_walk(&sim, first + i * 4096ull);
}

static bool same_page(const struct hw_page *a, const struct hw_page *b)
{
	return a->end == b->end && (a->end != HW_MAPPED || (a->pa == b->pa && !memcmp(a->may, b->may, sizeof(a->may))));
}

static void forget_all(void)
{
	uint64_t half = 1ull << (variant_va_bits(sim.v) - 1);

	sim.fail_after = -1;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pt_unmap(&sim.space, variant_va(sim.v, i * half), half, NULL), OK);
		pt_prune(&sim.space, variant_va(sim.v, i * half), half, NULL);
	}
}

struct scenario {
	void (*prepare)(const struct variant *v);
	err_t (*act)(const struct variant *v);
	/* Judges the pages of before, border - 2 big pages and on, after a failure. */
	void (*check)(const struct variant *v, const struct probe *before);
	unsigned least_failures;
};

static uint64_t big_of(const struct variant *v)
{
	return variant_has_pages(v, 1) ? level_bytes(v, 1) : level_bytes(v, 0);
}

static void nothing_prepared(const struct variant *v)
{
	(void)v;
}

static void large_pages(const struct variant *v)
{
	uint64_t big = level_bytes(v, 1), first = border(v) - 2 * big;

	assert_int_equal(pt_map(&sim.space, first, PADDR(0x40000000), 4 * big, PROT_R | PROT_W, 1, NULL), OK);
}

static err_t map_small(const struct variant *v)
{
	uint64_t big = level_bytes(v, 1);

	return pt_map(&sim.space, border(v) - 2 * big, PADDR(0x1234000), 3 * big, PROT_R | PROT_W, 0, &sim.change);
}

static err_t unmap_middle(const struct variant *v)
{
	return pt_unmap(&sim.space, border(v) - big_of(v) - 4096, 2 * big_of(v) + 8192, &sim.change);
}

static err_t protect_middle(const struct variant *v)
{
	return pt_protect(&sim.space, border(v) - big_of(v) - 4096, 2 * big_of(v) + 8192, PROT_R, &sim.change);
}

static err_t split_one(const struct variant *v)
{
	return pt_split(&sim.space, border(v), &sim.change);
}

static err_t set_one(const struct variant *v)
{
	return pt_set(&sim.space, border(v), PTE(0x80), &sim.change);
}

static void all_as_before(const struct variant *v, const struct probe *before)
{
	(void)v;
	for (unsigned i = 0; i < before->n; i++) {
		struct hw_page now = sim_hw_walk(&sim, before->first + i * 4096ull);

		assert_true(same_page(&now, &before->page[i]));
	}
}

/* Up to some page the change is made, from there on it is not; outside nothing is. A large page that could not
 * be cut is whole. */
static void made_up_to_a_page(const struct variant *v, const struct probe *before)
{
	uint64_t first = border(v) - big_of(v) - 4096, last = border(v) + big_of(v) + 4095;
	bool stopped = false;

	for (unsigned i = 0; i < before->n; i++) {
		uint64_t va = before->first + i * 4096ull;
		struct hw_page now = sim_hw_walk(&sim, va);
		bool same = same_page(&now, &before->page[i]);

		if (va < first || va > last) {
			assert_true(same);
			continue;
		}
		assert_false(stopped && !same);
		stopped = stopped || same;
	}
	assert_true(stopped);
}

/* Formats without a self-map have another table to fail at. */
static err_t install_self_map(const struct variant *v)
{
	static const uint64_t base[] = {
		[HW_32BIT] = 0xFFC00000, [HW_PAE] = 0xFF800000, [HW_IA32E] = 0xFFFFF68000000000,
	};

	if (v->cpu.tables > HW_IA32E)
		return set_one(v);
	return pt_selfmap_install(&sim.space, v->cpu.levels == 5 ? 0xFFDA000000000000 : base[v->cpu.tables], NULL);
}

static const struct scenario scenarios[] = {
	{ nothing_prepared, map_small, all_as_before, 3 },
	{ large_pages, unmap_middle, made_up_to_a_page, 2 },
	{ large_pages, protect_middle, made_up_to_a_page, 2 },
	{ large_pages, split_one, all_as_before, 1 },
	{ nothing_prepared, set_one, all_as_before, 1 },
	{ nothing_prepared, install_self_map, all_as_before, 0 },
};

static void failing_allocator(const struct variant *v)
{
	static struct probe before;

	for (unsigned k = 0; k < ARRAY_LEN(scenarios); k++) {
		const struct scenario *c = &scenarios[k];
		unsigned n = 0, left = 0;
		err_t err;

		if (c->prepare == large_pages && !variant_has_pages(v, 1))
			continue;
		do {
			sim_init(&sim, v);
			c->prepare(v);
			probe(&before, border(v) - 2 * level_bytes(v, 1), (unsigned)(4 * level_bytes(v, 1) >> 12));
			sim.fail_after = n;
			err = c->act(v);
			if (err != OK) {
				assert_int_equal(err, ERR_NO_MEMORY);
				c->check(v, &before);
				n++;
			}
			forget_all();
			left = sim.live;
			sim_free(&sim);
		} while (err != OK);
		assert_true(n >= c->least_failures);
		assert_true(left <= (v->cpu.tables == HW_PAE ? 4 : 0));
	}
}

/* An environment without an allocator: what needs no table works, the rest says so. */
static void no_allocator(const struct variant *v)
{
	sim_init(&sim, v);
	sim.env.table_alloc = NULL;
	assert_int_equal(map_small(v), ERR_NO_MEMORY);
	sim_free(&sim);
	if (!variant_has_pages(v, 1))
		return;
	sim_init(&sim, v);
	large_pages(v);
	sim.env.table_alloc = NULL;
	assert_int_equal(split_one(v), ERR_NO_MEMORY);
	assert_int_equal(pt_unmap(&sim.space, border(v), level_bytes(v, 1), NULL), OK);
	assert_int_equal(sim_hw_walk(&sim, border(v)).end, HW_NOT_PRESENT);
	assert_int_equal(sim_hw_walk(&sim, border(v) - 1).end, HW_MAPPED);
	sim_free(&sim);
}

/* ---- arguments ---- */

static void bad_arguments(const struct variant *v)
{
	uint64_t end = variant_va(v, (1ull << variant_va_bits(v)) - 4096), half = 1ull << (variant_va_bits(v) - 1);
	const prot_t rw = PROT_R | PROT_W;

	sim_init(&sim, v);
	assert_int_equal(pt_map(&sim.space, variant_va(v, 0) + 1, PADDR(0), 4096, rw, 0, NULL), ERR_INVALID);
	assert_int_equal(pt_map(&sim.space, variant_va(v, 0), PADDR(0x800), 4096, rw, 0, NULL), ERR_INVALID);
	assert_int_equal(pt_map(&sim.space, variant_va(v, 0), PADDR(0), 100, rw, 0, NULL), ERR_INVALID);
	assert_int_equal(pt_map(&sim.space, variant_va(v, 0), PADDR(0), 4096, PROT_W, 0, NULL), ERR_INVALID);
	assert_int_equal(pt_map(&sim.space, end, PADDR(0), 8192, rw, 0, NULL), ERR_RANGE);
	assert_int_equal(pt_unmap(&sim.space, end, 8192, NULL), ERR_RANGE);
	assert_int_equal(pt_protect(&sim.space, end, 8192, rw, NULL), ERR_RANGE);
	assert_int_equal(pt_unmap(&sim.space, end + 1, 4096, NULL), ERR_INVALID);
	assert_int_equal(pt_map(&sim.space, end, PADDR(1ull << 56), 4096, rw, 0, NULL), ERR_RANGE);
	/* The second page's frame does not exist: the first must not stay. */
	assert_int_equal(pt_map(&sim.space, variant_va(v, 0), PADDR((v->format->entry_bytes == 4 && v->cpu.tables != HW_SV32 ?
	                        1ull << 32 : 1ull << v->mode.pa_bits) - 4096), 8192, rw, 0, NULL), ERR_RANGE);
	assert_int_equal(sim_hw_walk(&sim, variant_va(v, 0)).end, HW_NOT_PRESENT);
	if (variant_sign_extends(v)) {
		assert_int_equal(pt_map(&sim.space, half - 4096, PADDR(0), 8192, rw, 0, NULL), ERR_RANGE);
		assert_int_equal(pt_unmap(&sim.space, half - 4096, 8192 + ~(2 * half - 1), NULL), ERR_RANGE);
		assert_int_equal(pt_split(&sim.space, half, NULL), ERR_RANGE);
	}
	assert_int_equal(pt_map(&sim.space, end, PADDR(0), 4096, rw, 0, NULL), OK);
	assert_int_equal(sim_hw_walk(&sim, end + 4095).pa, 4095);
	assert_int_equal(pt_protect(&sim.space, end, 4096, PROT_W | PROT_X, NULL), ERR_INVALID);
	assert_true(sim_hw_walk(&sim, end).may[HW_KERNEL][HW_WRITE]);
	assert_int_equal(pt_map(&sim.space, end, PADDR(0), 0, rw, 0, NULL), OK);
	assert_int_equal(pt_unmap(&sim.space, end, 0, NULL), OK);
	assert_int_equal(sim_hw_walk(&sim, end).end, HW_MAPPED);
	assert_int_equal(pt_unmap(&sim.space, end, 4096, NULL), OK);
	assert_int_equal(sim_hw_walk(&sim, end).end, HW_NOT_PRESENT);
	sim_free(&sim);
}

/* ---- tables as a stranger left them ---- */

struct count { unsigned leaves, bad, others; };

static bool count_entry(void *ctx, const struct pt_visit_entry *e)
{
	struct count *c = ctx;

	c->leaves += e->kind == PT_LEAF;
	c->bad += e->kind == PT_BAD;
	c->others += e->kind != PT_LEAF && e->kind != PT_BAD;
	return true;
}

/* A table pointer into nothing, and an entry that no CPU takes, with good pages on both sides. */
static void foreign_damage(const struct variant *v)
{
	uint64_t va = border(v) - 4096, at = 0;
	struct count c = { 0 };
	struct pt_walk w;

	sim_init(&sim, v);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pt_map(&sim.space, va + i * 4096, PADDR(0x5000), 4096, PROT_R, 0, NULL), OK);
	/* The walk to the higher page goes through a table that is not there. */
	at = sim_hw_walk(&sim, va + 4096).entry_pa[v->mode.levels - 2u];
	sim_put(&sim, at, sim_entry(&sim, at) ^ 0x40000);
	pt_walk(&sim.space, va + 4096, &w, NULL, 0);
	assert_int_equal(w.err, ERR_IO);
	assert_int_equal(w.outcome, PT_BAD);
	assert_int_equal(pt_visit(&sim.space, 0, ~0ull, PT_VISIT_LEAF, count_entry, &c), ERR_IO);
	assert_int_equal(c.leaves, 1);
	assert_int_equal(pt_unmap(&sim.space, va, 8192, NULL), ERR_IO);
	pt_prune(&sim.space, variant_va(v, 0), 1ull << (variant_va_bits(v) - 1), NULL);
	assert_int_equal(sim_entry(&sim, at) & 1, 1);
	assert_int_equal(sim_hw_walk(&sim, va).end, HW_NOT_PRESENT);
	/* The same at the top: nothing below it can be looked at, and nothing is freed. */
	sim_put(&sim, at, 0);
	assert_int_equal(pt_map(&sim.space, va, PADDR(0x5000), 4096, PROT_R, 0, NULL), OK);
	at = sim_hw_walk(&sim, va).entry_pa[0];
	sim_put(&sim, at, sim_entry(&sim, at) ^ 0x40000);
	pt_prune(&sim.space, variant_va(v, 0), 1ull << (variant_va_bits(v) - 1), NULL);
	assert_int_equal(sim_entry(&sim, at) & 1, 1);
	sim_free(&sim);

	if (v->cpu.tables == HW_32BIT || v->cpu.tables == HW_ARM_SHORT)
		return;
	sim_init(&sim, v);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(pt_map(&sim.space, va - i * 4096, PADDR(0x5000), 4096, PROT_R, 0, NULL), OK);
	at = sim_hw_walk(&sim, va - 4096).entry_pa[v->mode.levels - 1u];
	if (v->cpu.tables >= HW_ARM_LONG)
		sim_put(&sim, at, 0x5001);
	else
		sim_put(&sim, at, v->mode.pa_bits == 52 ? 1ull << 63 | 1 : 1ull << 51 | 1);
	c = (struct count){ 0 };
	assert_int_equal(pt_visit(&sim.space, 0, ~0ull, PT_VISIT_LEAF | PT_VISIT_BAD, count_entry, &c), OK);
	assert_int_equal(c.leaves, 2);
	assert_int_equal(c.bad, 1);
	assert_int_equal(pt_protect(&sim.space, va - 8192, 12288, PROT_R | PROT_W, NULL), ERR_CORRUPT);
	assert_true(sim_hw_walk(&sim, va).may[HW_KERNEL][HW_WRITE]);
	assert_int_equal(pt_unmap(&sim.space, va - 8192, 12288, NULL), ERR_CORRUPT);
	assert_int_equal(sim_hw_walk(&sim, va).end, HW_NOT_PRESENT);
	assert_int_equal(sim_hw_walk(&sim, va - 4096).end, HW_RESERVED);
	sim_free(&sim);
}

/* ---- which tables go ---- */

/* An empty table stays as long as a part of its reach is outside the range. */
static void prune_whole_reaches(const struct variant *v)
{
	uint64_t reach = level_bytes(v, 1), va = border(v);
	unsigned with;

	sim_init(&sim, v);
	assert_int_equal(pt_map(&sim.space, va, PADDR(0), 4096, PROT_R, 0, NULL), OK);
	with = sim.live;
	pt_prune(&sim.space, va, reach, NULL);
	assert_int_equal(sim.live, with);
	assert_int_equal(pt_unmap(&sim.space, va, 4096, NULL), OK);
	pt_prune(&sim.space, va, reach - 4096, NULL);
	pt_prune(&sim.space, va + 4096, 2 * reach - 4096, NULL);
	assert_int_equal(sim.live, with);
	sim.change_count = 0;
	pt_prune(&sim.space, va, reach, &sim.change);
	assert_int_equal(sim.live, with - 1);
	sim_check_counts(&sim);
	assert_int_equal(sim.change_count, 1);
	assert_int_equal(sim.changes[0].va, va);
	assert_int_equal(sim.changes[0].level, 1);
	assert_int_equal(sim.changes[0].new.v, 0);
	sim_free(&sim);
}

/* ---- the hole between the halves ---- */

static unsigned leaves_in(uint64_t first, uint64_t last)
{
	struct count c = { 0 };

	assert_int_equal(pt_visit(&sim.space, first, last, PT_VISIT_LEAF, count_entry, &c), OK);
	return c.leaves;
}

static void bounds_outside(const struct variant *v)
{
	uint64_t first = variant_va(v, 0), last = first + ((1ull << variant_va_bits(v)) - 1);

	if (variant_sign_extends(v))
		return;
	sim_init(&sim, v);
	assert_int_equal(pt_map(&sim.space, first, PADDR(0), 4096, PROT_R, 0, NULL), OK);
	assert_int_equal(pt_map(&sim.space, last - 4095, PADDR(0), 4096, PROT_R, 0, NULL), OK);
	assert_int_equal(leaves_in(0, ~0ull), 2);
	assert_int_equal(leaves_in(first + 4096, ~0ull), 1);
	assert_int_equal(leaves_in(0, last - 4096), 1);
	if (first)
		assert_int_equal(leaves_in(0, first - 1), 0);
	if (last != ~0ull)
		assert_int_equal(leaves_in(last + 1, ~0ull), 0);
	sim_free(&sim);
}

static void bounds_in_the_hole(const struct variant *v)
{
	uint64_t half = 1ull << (variant_va_bits(v) - 1), mid = half + half / 2, upper = variant_va(v, half);

	if (!variant_sign_extends(v))
		return;
	sim_init(&sim, v);
	assert_int_equal(pt_map(&sim.space, half - 4096, PADDR(0), 4096, PROT_R, 0, NULL), OK);
	assert_int_equal(pt_map(&sim.space, upper, PADDR(0), 4096, PROT_R, 0, NULL), OK);
	assert_int_equal(leaves_in(0, ~0ull), 2);
	assert_int_equal(leaves_in(0, mid), 1);
	assert_int_equal(leaves_in(mid, ~0ull), 1);
	assert_int_equal(leaves_in(upper, ~0ull), 1);
	assert_int_equal(leaves_in(0, half - 4097), 0);
	assert_int_equal(leaves_in(upper + 4096, ~0ull), 0);
	assert_int_equal(leaves_in(mid, mid), 0);
	assert_int_equal(leaves_in(~0ull, 0), 0);
	sim_free(&sim);
}

/* ---- the largest pages ---- */

static void gigabyte(const struct variant *v)
{
	const uint64_t g = 1 << 30, base = g, hole = base + 0x12345000;
	uint64_t va = variant_va(v, base);

	if (v->mode.levels < 3 || !variant_has_pages(v, 2))
		return;
	sim_init(&sim, v);
	assert_int_equal(pt_map(&sim.space, va, PADDR(2 * g), g, PROT_R | PROT_W | PROT_U, 4, &sim.change), OK);
	assert_int_equal(sim_hw_walk(&sim, va).size, g);
	assert_int_equal(pt_unmap(&sim.space, variant_va(v, hole), 4096, &sim.change), OK);
	assert_int_equal(sim_hw_walk(&sim, variant_va(v, hole)).end, HW_NOT_PRESENT);
	for (unsigned i = 0; i < 5000; i++) {
		uint64_t at = i < 1024 ? (hole & ~0x3FFFFFull) + i * 4096 : base + (rnd64() & (g - 1));
		struct hw_page hw = sim_hw_walk(&sim, variant_va(v, at));

		if (at >> 12 == hole >> 12)
			continue;
		assert_int_equal(hw.end, HW_MAPPED);
		assert_int_equal(hw.pa, at + g);
		assert_int_equal(hw.size, at >> 21 == hole >> 21 ? 4096 : 2 << 20);
		assert_true(hw.may[HW_USER][HW_WRITE]);
	}
	sim_free(&sim);
}

/* Legacy: a 4 MiB page above 4 GiB has no 4 KiB pages to be cut into. */
static void beyond_small_pages(const struct variant *v)
{
	const uint64_t va = 0x10000000, pa = 0x940000000;

	if (v->cpu.tables != HW_32BIT || !v->mode.pse)
		return;
	sim_init(&sim, v);
	assert_int_equal(pt_map(&sim.space, va, PADDR(pa), 4 << 20, PROT_R, 1, NULL), OK);
	assert_int_equal(sim_hw_walk(&sim, va + 0x1234).pa, pa + 0x1234);
	assert_int_equal(pt_unmap(&sim.space, va + 4096, 4096, NULL), ERR_RANGE);
	assert_int_equal(pt_protect(&sim.space, va + 4096, 4096, PROT_R | PROT_W, NULL), ERR_RANGE);
	assert_int_equal(pt_split(&sim.space, va, NULL), ERR_RANGE);
	assert_int_equal(sim_hw_walk(&sim, va + 0x1234).pa, pa + 0x1234);
	assert_int_equal(sim.live, 0);
	sim_check_counts(&sim);
	assert_int_equal(pt_unmap(&sim.space, va, 4 << 20, NULL), OK);
	sim_free(&sim);
}

static const struct named_test tests[] = {
	{ "failing allocator", failing_allocator },
	{ "no allocator", no_allocator },
	{ "bad arguments", bad_arguments },
	{ "foreign damage", foreign_damage },
	{ "gigabyte", gigabyte },
	{ "beyond small pages", beyond_small_pages },
	{ "prune whole reaches", prune_whole_reaches },
	{ "bounds outside", bounds_outside },
	{ "bounds in the hole", bounds_in_the_hole },
};

int main(void)
{
	return run_for_all(tests, ARRAY_LEN(tests));
}
