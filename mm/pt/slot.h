/* mm/pt/slot.h - the walk's core, instantiated once in each format file so that its constants fold.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/pt/format.h"

/* pt_format.page from a format's kind and target, whose level folds as well. */
#define PT_PAGE_FROM(kind, target) \
	static inline __attribute__((always_inline)) bool page(const struct pt_mode *mode, pte_t pte, uint64_t va, pfn_t *out) \
	{ \
		struct pt_target t; \
		if (kind(mode, 0, pte) != PT_LEAF) \
			return false; \
		t = target(mode, 0, pte, va); \
		*out = pfn_of(paddr_add(t.pa, va & (t.size - 1) & ~(uint64_t)PAGE_MASK)); \
		return true; \
	}

static inline __attribute__((always_inline)) err_t
pt_slot_core(const struct pt_format *f, const struct pt_mode *mode, const struct pt_env *env, paddr_t table,
             uint64_t va, unsigned *level, paddr_t *entry_pa, pte_t *entry)
{
	const unsigned want = *level;
	err_t err = OK;

	/* Counted from the format's levels, which are a constant: unrolled, every shift and size is one too. */
#pragma GCC unroll 5
	for (unsigned above = f->levels; above > 0; above--) {
		unsigned l = above - 1;
		paddr_t at;
		pte_t e = PTE(0);

		if (l >= mode->levels)
			continue;
		at = paddr_add(table, pt_index(f, l, va) * f->entry_bytes);
		err = pt_read(env, at, f->entry_bytes, &e);
		if (err != OK || l == want || f->kind(mode, l, e) != PT_TABLE) {
			*level = l;
			*entry_pa = at;
			*entry = e;
			break;
		}
		table = f->target(mode, l, e, va).pa;
	}
	return err;
}
