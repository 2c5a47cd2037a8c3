/* tests/host/paging/test_model.c - random changes against a list of pages, the hardware's walk and a TLB.
 * SPDX-License-Identifier: MIT
 *
 * The model is one record a page. After each change every page of the window must be, for the hardware, what the model
 * says; and what a TLB may still hold from before must be among the addresses that the change reported.
 */
#include "paging/soft.h"
#include "tests/host/paging/sim.h"

#define MAX_WINDOWS 5
#define MAX_PAGES   3072
#define OPS         260

enum page_state { FREE, MAPPED, SOFT };
struct page {
	enum page_state state;
	uint64_t pa, soft;
	prot_t prot;
	struct hw_page tlb;    /* as the hardware last saw it */
};
struct window { uint64_t flat; unsigned pages; struct page page[MAX_PAGES]; };

static struct sim sim;
static struct window windows[MAX_WINDOWS];
static unsigned window_count, big_pages;   /* pages in a page of level 1 */
static unsigned large_cut;                 /* how often a change found a large page in its way */

static uint64_t va_of(const struct window *w, unsigned page)
{
	return variant_va(sim.v, w->flat + (uint64_t)page * 4096);
}

static void add_window(uint64_t flat)
{
	struct window *w = &windows[window_count++];

	memset(w, 0, sizeof(*w));
	w->flat = flat;
	w->pages = 3 * big_pages;
	for (unsigned i = 0; i < w->pages; i++)
		w->page[i].tlb.end = HW_NOT_PRESENT;
}

/* Both ends of the space, the end of a top entry's reach, and both sides of the middle. */
static void make_windows(const struct variant *v)
{
	unsigned bits = variant_va_bits(v);
	uint64_t big = 1ull << v->format->level[1].shift, half = 1ull << (bits - 1);
	uint64_t reach = v->mode.levels == 2 ? 32 << 20 : 1ull << v->format->level[v->mode.levels - 1].shift;

	window_count = 0;
	big_pages = (unsigned)(big >> 12);
	add_window(0);
	add_window(2 * half - 3 * big);
	add_window(reach - big);
	add_window(half - 3 * big);
	add_window(half);
}

/* ---- comparison ---- */

static bool tlb_same(const struct hw_page *a, const struct hw_page *b)
{
	return b->end == HW_MAPPED && a->pa == b->pa && a->global == b->global && a->cache == b->cache &&
	       memcmp(a->may, b->may, sizeof(a->may)) == 0;
}

static bool reported(uint64_t va)
{
	for (unsigned i = 0; i < sim.change_count; i++) {
		const struct sim_change *c = &sim.changes[i];
		uint64_t size = 1ull << sim.v->format->level[c->level].shift;

		assert_int_equal(c->va % size, 0);
		if (va - c->va < size)
			return true;
	}
	return false;
}

static void check_page(struct window *w, unsigned i)
{
	struct page *p = &w->page[i];
	uint64_t va = va_of(w, i);
	struct hw_page hw = sim_hw_walk(&sim, va);

	if (p->tlb.end == HW_MAPPED && !tlb_same(&p->tlb, &hw) && !reported(va))
		fail_msg("%s: va %llx would be stale", sim.v->name, (unsigned long long)va);
	p->tlb = hw;
	if ((p->state == MAPPED) != (hw.end == HW_MAPPED) || (p->state != MAPPED && hw.end != HW_NOT_PRESENT))
		fail_msg("%s: va %llx: state %d, hardware %d", sim.v->name, (unsigned long long)va, p->state, hw.end);
	if (p->state == MAPPED && hw.pa != p->pa)
		fail_msg("%s: va %llx: pa %llx, hardware %llx", sim.v->name, (unsigned long long)va,
		         (unsigned long long)p->pa, (unsigned long long)hw.pa);
	if (p->state == SOFT)
		assert_int_equal(hw.entry[hw.entries - 1], p->soft);
}

static void check_rights_of(struct window *w, unsigned i)
{
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk walk;

	pt_walk(&sim.space, va_of(w, i), &walk, steps, ARRAY_LEN(steps));
	check_walk(sim.v, &walk, &w->page[i].tlb);
	if (w->page[i].state == MAPPED && walk.prot != w->page[i].prot)
		fail_msg("%s: va %llx: rights %x, want %x", sim.v->name, (unsigned long long)walk.va, walk.prot,
		         w->page[i].prot);
}

static void check_window(struct window *w, bool rights)
{
	for (unsigned i = 0; i < w->pages; i++) {
		check_page(w, i);
		if (rights)
			check_rights_of(w, i);
	}
}

/* ---- visiting: each address belongs to exactly one entry that is no table ---- */

struct tour { struct window *w; uint64_t next; unsigned calls, stop_after; };

static bool on_tour(void *ctx, const struct pt_visit_entry *e)
{
	struct tour *t = ctx;
	struct window *w = t->w;
	uint64_t begin = va_of(w, 0), end = begin + (uint64_t)w->pages * 4096;

	if (e->kind == PT_TABLE)
		return true;
	if (++t->calls == t->stop_after)
		return false;
	if (t->next != begin)
		assert_int_equal(e->va, t->next);
	else
		assert_true(e->va <= begin && begin - e->va < e->size);
	t->next = e->va + e->size;
	for (uint64_t va = e->va < begin ? begin : e->va; va != t->next && va - begin < end - begin; va += 4096) {
		const struct page *p = &w->page[(va - begin) / 4096];

		assert_int_equal(e->kind, p->state == MAPPED ? PT_LEAF : p->state == SOFT ? PT_SOFT : PT_EMPTY);
		assert_int_equal(e->entry_pa.v, p->tlb.entry_pa[p->tlb.entries - 1]);
		if (p->state == MAPPED) {
			assert_int_equal(e->pa.v + (va - e->va), p->pa);
			assert_int_equal(e->prot, p->prot);
		}
	}
	return true;
}

static bool on_used(void *ctx, const struct pt_visit_entry *e)
{
	struct tour *t = ctx;
	uint64_t begin = va_of(t->w, 0);

	for (uint64_t va = e->va < begin ? begin : e->va; va - e->va < e->size; va += 4096) {
		if ((va - begin) / 4096 >= t->w->pages)
			break;
		assert_int_equal(t->w->page[(va - begin) / 4096].state, e->kind == PT_LEAF ? MAPPED : SOFT);
		t->calls++;
	}
	return true;
}

/* Without the empty entries, which may be passed over many at a time, all others still come. */
static void check_visit_of_used(struct window *w, uint64_t first, uint64_t last)
{
	struct tour t = { .w = w };
	unsigned used = 0;

	for (unsigned i = 0; i < w->pages; i++)
		used += w->page[i].state != FREE;
	assert_int_equal(pt_visit(&sim.space, first, last, PT_VISIT_LEAF | PT_VISIT_SOFT, on_used, &t), OK);
	assert_int_equal(t.calls, used);
}

static void check_visit(struct window *w)
{
	uint64_t first = va_of(w, 0), last = first + ((uint64_t)w->pages * 4096 - 1);
	struct tour t = { .w = w, .next = first };

	assert_int_equal(pt_visit(&sim.space, first, last, 31, on_tour, &t), OK);
	assert_true(t.next == last + 1 || t.next - 1 > last);
	t = (struct tour){ .w = w, .next = first, .stop_after = 1 + rnd(t.calls) };
	assert_int_equal(pt_visit(&sim.space, first, last, 31, on_tour, &t), OK);
	assert_int_equal(t.calls, t.stop_after);
	check_visit_of_used(w, first, last);
}

/* ---- the changes ---- */

struct span { struct window *w; unsigned first, count; uint64_t va, len; };

static struct span pick_span(void)
{
	struct span s = { .w = &windows[rnd(window_count)] };

	if (rnd(2)) {
		s.first = rnd(3) * big_pages;
		s.count = (1 + rnd(3)) * big_pages;
	} else {
		s.first = rnd(s.w->pages);
		s.count = 1 + rnd(rnd(4) ? 20 : s.w->pages);
	}
	if (s.count > s.w->pages - s.first)
		s.count = s.w->pages - s.first;
	s.va = va_of(s.w, s.first);
	s.len = (uint64_t)s.count * 4096;
	return s;
}

static bool any_used(const struct span *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->w->page[s->first + i].state != FREE)
			return true;
	return false;
}

static void set_mapped(const struct span *s, uint64_t pa, prot_t prot)
{
	for (unsigned i = 0; i < s->count; i++) {
		struct page *p = &s->w->page[s->first + i];

		p->state = MAPPED;
		p->pa = pa + i * 4096ull;
		p->prot = variant_grants(sim.v, prot);
	}
}

static void do_map(void)
{
	struct span s = pick_span();
	bool narrow = sim.v->format->entry_bytes == 4;
	uint64_t room = 1ull << (narrow ? 32 : sim.v->mode.pa_bits), pa = rnd64() % (room - s.len) & ~4095ull;
	prot_t prot = PROT_R | (prot_t)rnd(1024);
	bool used = any_used(&s);
	err_t err;

	/* Most of them such that large pages are possible. */
	if (rnd(4))
		pa = pa / (big_pages * 4096ull) * (big_pages * 4096ull) + s.va % (big_pages * 4096ull);
	if (pa + s.len > room)
		return;
	err = pt_map(&sim.space, s.va, PADDR(pa), s.len, prot, rnd(4) ? 4 : rnd(2), &sim.change);
	assert_int_equal(err, used ? ERR_EXISTS : OK);
	if (!used)
		set_mapped(&s, pa, prot);
}

/* Room for a large page: what is there goes, its tables too, and pages of level 1 come. */
static void do_map_large(void)
{
	struct span s = { .w = &windows[rnd(window_count)], .first = rnd(3) * big_pages };
	prot_t prot = PROT_R | (prot_t)rnd(1024);
	uint64_t pa = (uint64_t)(1 + rnd(500)) * big_pages * 4096;

	s.count = s.first == 0 && rnd(2) ? 2 * big_pages : big_pages;
	s.va = va_of(s.w, s.first);
	s.len = (uint64_t)s.count * 4096;
	assert_int_equal(pt_unmap(&sim.space, s.va, s.len, &sim.change), OK);
	pt_prune(&sim.space, s.va, s.len, &sim.change);
	assert_int_equal(pt_map(&sim.space, s.va, PADDR(pa), s.len, prot, 1, &sim.change), OK);
	set_mapped(&s, pa, prot);
	assert_int_equal(sim_hw_walk(&sim, s.va).size > 4096, variant_has_pages(sim.v, 1));
}

static void do_unmap(void)
{
	struct span s = pick_span();

	large_cut += sim_hw_walk(&sim, s.va).size > 4096 && s.len < big_pages * 4096ull;
	assert_int_equal(pt_unmap(&sim.space, s.va, s.len, &sim.change), OK);
	for (unsigned i = 0; i < s.count; i++)
		s.w->page[s.first + i].state = FREE;
}

static void do_protect(void)
{
	const prot_t state = PROT_ACCESSED | PROT_DIRTY;
	struct span s = pick_span();
	prot_t prot = PROT_R | (prot_t)rnd(1024);

	large_cut += sim_hw_walk(&sim, s.va).size > 4096 && s.len < big_pages * 4096ull;
	assert_int_equal(pt_protect(&sim.space, s.va, s.len, prot, &sim.change), OK);
	for (unsigned i = 0; i < s.count; i++) {
		struct page *p = &s.w->page[s.first + i];

		p->prot = variant_grants(sim.v, (prot & ~state) | (p->prot & state));
	}
}

static void do_split(void)
{
	struct span s = pick_span();
	struct hw_page hw = sim_hw_walk(&sim, s.va);
	bool large = hw.end == HW_MAPPED && hw.size > 4096;

	assert_int_equal(pt_split(&sim.space, s.va + rnd(4096), &sim.change), large ? OK : ERR_NOT_FOUND);
	hw = sim_hw_walk(&sim, s.va);
	assert_true(hw.end != HW_MAPPED || hw.size == 4096);
}

static void do_set(void)
{
	struct span s = pick_span();
	struct page *p = &s.w->page[s.first];
	struct hw_page hw = sim_hw_walk(&sim, s.va);
	struct pt_soft soft = { .kind = SOFT_PAGEFILE, .protect = (uint8_t)rnd(32), .offset = 1 + rnd(1000) };
	pte_t pte;
	err_t err;

	assert_int_equal(pt_soft_encode(&sim.mode, &soft, &pte), OK);
	err = pt_set(&sim.space, s.va, pte, &sim.change);
	if (hw.end == HW_MAPPED && hw.size > 4096) {
		assert_int_equal(err, ERR_EXISTS);
		return;
	}
	assert_int_equal(err, OK);
	p->state = SOFT;
	p->soft = pte.v;
}

static void do_prune(void)
{
	struct span s = pick_span();

	pt_prune(&sim.space, s.va, s.len, &sim.change);
}

static unsigned root_tables(void)
{
	const struct pt_format *f = sim.v->format;
	unsigned top = sim.v->mode.levels - 1u, n = 0;

	for (unsigned i = 0; i < 1u << f->level[top].bits; i++)
		n += sim_entry(&sim, sim.space.half[0].root.v + (uint64_t)i * f->entry_bytes) != 0;
	return n;
}

/* Everything unmapped and pruned, no table may be left but PAE's directories. */
static void check_leaks(void)
{
	uint64_t half = 1ull << (variant_va_bits(sim.v) - 1);

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pt_unmap(&sim.space, variant_va(sim.v, i * half), half, &sim.change), OK);
		pt_prune(&sim.space, variant_va(sim.v, i * half), half, &sim.change);
	}
	assert_int_equal(sim.live, sim.v->cpu.tables == HW_PAE ? root_tables() : 0);
	assert_int_equal(sim.allocated - sim.freed, sim.live);
	sim_check_counts(&sim);
	assert_true(sim.allocated > 10);
	assert_true(sim.v->cpu.tables != HW_PAE || sim.live == 4);
}

static void change_at_random(const struct variant *v)
{
	static void (*const ops[])(void) = {
		do_map, do_map, do_map_large, do_map_large, do_map_large, do_unmap, do_unmap,
		do_protect, do_protect, do_split, do_set, do_prune,
	};

	make_windows(v);
	large_cut = 0;
	for (unsigned i = 0; i < OPS; i++) {
		sim.change_count = 0;
		ops[rnd(ARRAY_LEN(ops))]();
		for (unsigned w = 0; w < window_count; w++)
			check_window(&windows[w], i % 8 == 7);
		if (i % 8 == 7)
			check_visit(&windows[rnd(window_count)]);
	}
	assert_int_equal(large_cut >= 3, variant_has_pages(v, 1));
	check_leaks();
	sim_free(&sim);
}

static void random_changes(const struct variant *v)
{
	sim_init(&sim, v);
	change_at_random(v);
}

static void through_a_window(const struct variant *v)
{
	sim_init_linear(&sim, v);
	change_at_random(v);
}

static const struct named_test tests[] = {
	{ "random changes", random_changes },
	{ "random changes through a window", through_a_window },
};

int main(void)
{
	return run_for_all(tests, ARRAY_LEN(tests));
}
