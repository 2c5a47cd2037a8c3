/* mm/pt/slot.h - the walk's core, instantiated once in each format file so that its constants fold.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/pt/format.h"

/* pt_format.page from a format's kind and target, whose level folds as well. */
#define PT_PAGE_FROM(kind, target) \
	PT_INLINE bool page(const struct pt_mode *mode, pte_t pte, uint64_t va, pfn_t *out) \
	{ \
		struct pt_target t; \
		if (kind(mode, 0, pte) != PT_LEAF) \
			return false; \
		t = target(mode, 0, pte, va); \
		*out = pfn_of(paddr_add(t.pa, va & (t.size - 1) & ~(uint64_t)PAGE_MASK)); \
		return true; \
	}

PT_INLINE unsigned slot_index(const struct pt_format *f, unsigned level, uint64_t va)
{
	if (f->va_bits <= 32)
		return (uint32_t)va >> f->level[level].shift & (pt_level_entries(f, level) - 1);
	return pt_index(f, level, va);
}

/* Where there is no window: a call, and PTE(0) with the error when nothing is there. */
static inline pte_t slot_read(const struct pt_env *env, paddr_t pa, unsigned bytes, err_t *err)
{
	pte_t e = PTE(0);

	*err = env->read(env->ctx, pa, bytes, &e);
	return e;
}

PT_INLINE err_t pt_slot_core(const struct pt_format *f, const struct pt_space *s, uint64_t va, unsigned want,
                             struct pt_slot *slot)
{
	/* A copy that no store can change and whose format is a constant: what it says of the format folds. */
	struct pt_mode mode = *s->mode;
	paddr_t table = s->root;

	mode.format = f;
	/* Counted from the format's levels, which are a constant: unrolled, every shift and size is one too. */
#pragma GCC unroll 5
	for (unsigned above = f->levels; above > 0; above--) {
		const unsigned l = above - 1;
		enum pt_kind kind;
		err_t err = OK;
		paddr_t at;
		pte_t e;

		if ((f->caps & PT_FEWER_LEVELS) && l >= mode.levels)
			continue;
		/* A table is aligned to its size. */
		at = PADDR(table.v | slot_index(f, l, va) * f->entry_bytes);
		if (pt_in_window(s->env, at))
			e = pt_entry_at(pt_window(s->env, at), f->entry_bytes);
		else
			e = slot_read(s->env, at, f->entry_bytes, &err);
		kind = err == OK ? f->kind(&mode, l, e) : PT_BAD;
		if (kind == PT_TABLE && l != want) {
			table = f->target(&mode, l, e, va).pa;
			continue;
		}
		slot->level = l;
		slot->kind = kind;
		slot->entry_pa = at;
		slot->entry = e;
		if (l == 0 && kind == PT_LEAF)
			slot->page = f->target(&mode, 0, e, va).pa;
		return err;
	}
	return ERR_CORRUPT;     /* no format has a table at level 0 */
}

/* pt_format.slot, called name. */
#define PT_SLOT_FROM(name, format) \
	static err_t name(const struct pt_space *space, uint64_t va, unsigned level, struct pt_slot *slot) \
	{ \
		return pt_slot_core(&format, space, va, level, slot); \
	}
