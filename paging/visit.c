/* paging/visit.c - shows a caller every entry in a range.
 * SPDX-License-Identifier: MIT
 */
#include "paging/range.h"

struct visit {
	struct pt_range range;  /* first member: the descent hands it back */
	unsigned what;
	pt_visit_fn fn;
	void *ctx;
	bool stopped;           /* by fn */
};

static const uint8_t what_of_kind[] = {
	[PT_EMPTY] = PT_VISIT_EMPTY, [PT_SOFT] = PT_VISIT_SOFT, [PT_TABLE] = PT_VISIT_TABLE,
	[PT_LEAF] = PT_VISIT_LEAF, [PT_BAD] = PT_VISIT_BAD,
};

/* Calls fn for an entry of a requested kind. A repeated page (PT_REPEATS) is shown entry by entry:
 * pa is that of this entry's first address, not of the whole page. */
static enum pt_next show(struct pt_range *r, const struct pt_here *h)
{
	struct visit *v = (struct visit *)r;
	const struct pt_mode *mode = r->s->half[0].mode;
	struct pt_visit_entry e = {
		.va = pt_va_canonical(mode, h->va), .size = pt_level_size(mode->format, h->level),
		.level = h->level, .kind = h->kind, .entry_pa = h->at, .entry = h->entry,
	};

	if (!(v->what & what_of_kind[h->kind]))
		return PT_NEXT;
	if (h->kind == PT_LEAF || h->kind == PT_TABLE) {
		struct pt_output t = mode->format->output(mode, h->level, h->entry, h->va);

		e.pa = h->kind == PT_LEAF ? paddr_add(t.pa, h->va & (t.size - 1)) : t.pa;
		e.prot = pt_final_prot(pt_combine(h->above, mode->format->prot(mode, h->level, h->entry)));
	}
	v->stopped = !v->fn(v->ctx, &e);
	return v->stopped ? PT_STOP : PT_NEXT;
}

/* Moves an address in the non-canonical hole to the nearest canonical address inside the range. */
static uint64_t flat_bound(const struct pt_mode *mode, uint64_t va, bool upper_bound)
{
	uint64_t mask = pt_mode_va_mask(mode), half = (mask >> 1) + 1;

	if (pt_va_valid(mode, va))
		return va & mask;
	return upper_bound ? half - 1 : half;
}

/* Visits one tree. Bounds that it does not translate are moved to the nearest address that it
 * does; an empty result is no error. */
static void visit_tree(struct visit *v, uint64_t first, uint64_t last)
{
	const struct pt_mode *mode = v->range.s->half[0].mode;

	if (mode->format->caps & PT_SIGN_EXTEND) {
		v->range.first = flat_bound(mode, first, false);
		v->range.last = flat_bound(mode, last, true);
	} else {
		uint64_t lowest = pt_va_canonical(mode, 0), highest = lowest + pt_mode_va_mask(mode);

		if (first > highest || last < lowest)
			return;
		v->range.first = (first < lowest ? lowest : first) & pt_mode_va_mask(mode);
		v->range.last = (last > highest ? highest : last) & pt_mode_va_mask(mode);
	}
	if (first <= last && v->range.first <= v->range.last)
		pt_range_descend(&v->range);
}

err_t pt_visit(const struct pt_space *s, uint64_t first, uint64_t last, unsigned what, pt_visit_fn fn, void *ctx)
{
	struct visit v = {
		.range = { .s = s, .rights = true, .fold = true, .entry = show, .skip_empty = !(what & PT_VISIT_EMPTY) },
		.what = what, .fn = fn, .ctx = ctx,
	};

	if (pt_is_one_tree(s)) {
		visit_tree(&v, first, last);
		return v.range.err;
	}
	for (unsigned i = 0; i < 2 && !v.stopped; i++) {
		struct pt_space room;
		uint64_t lo, hi;

		pt_half_range(s, i, &lo, &hi);
		v.range.s = pt_half_at(s, lo, &room);
		lo = lo > first ? lo : first;
		hi = hi < last ? hi : last;
		if (lo <= hi)
			visit_tree(&v, lo, hi);
	}
	return v.range.err;
}
