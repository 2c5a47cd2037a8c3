/* paging/lookup.h - pt_lookup()'s fast path, expanded in each fmt_*.c so that the compiler folds the format's constants.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/format.h"

/* Defines pt_format.page() from the format's kind() and output(), with level 0 as a constant. */
#define PT_PAGE_FROM(kind, output) \
	PT_INLINE bool page(const struct pt_mode *mode, pte_t pte, uint64_t va, pfn_t *out) \
	{ \
		struct pt_output t; \
		if (kind(mode, 0, pte) != PT_LEAF) \
			return false; \
		t = output(mode, 0, pte, va); \
		*out = pfn_of(paddr_add(t.pa, va & (t.size - 1) & ~(uint64_t)PAGE_MASK)); \
		return true; \
	}

/* pt_format.lookup for every format, every level and every kind of entry (lookup.c). */
err_t pt_lookup_slow(const struct pt_space *s, uint64_t va, unsigned want, struct pt_slot *slot);

/* pt_index() with 32-bit arithmetic where the format's addresses fit: on a 32-bit CPU a 64-bit
 * shift is several instructions. */
PT_INLINE unsigned slot_index(const struct pt_format *f, unsigned level, uint64_t va)
{
	if (f->va_bits <= 32)
		return (uint32_t)va >> f->level[level].shift & (pt_level_entries(f, level) - 1);
	return pt_index(f, level, va);
}

/* Defines next_table(), with which the fast path descends. next_table() may accept an entry with a reserved address bit set:
 * its table address is outside the linear range, so pt_lookup_slow() decides. */
#define PT_NEXT_TABLE_FROM(kind, output) \
	PT_INLINE bool next_table(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va, paddr_t *table) \
	{ \
		if (kind(mode, level, pte) != PT_TABLE) \
			return false; \
		*table = output(mode, level, pte, va).pa; \
		return true; \
	}

typedef bool (*pt_next_table_fn)(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va, paddr_t *table);

/* True if one tree with all the VA bits of the format translates the whole space. For a format
 * without PT_TWO_ROOTS this is a constant. */
PT_INLINE bool is_plain_space(const struct pt_format *f, const struct pt_space *s)
{
	return !(f->caps & PT_TWO_ROOTS) || (pt_is_one_tree(s) && !s->half[0].mode->va_bits &&
	                                     (!(f->caps & PT_FEWER_LEVELS) || s->half[0].mode->levels == f->levels));
}

/* Fast path: one tree of full size, all tables in the linear range, and level 0 is requested. Otherwise pt_lookup_slow(). */
PT_INLINE err_t pt_lookup_core(const struct pt_format *f, pt_next_table_fn next_table, const struct pt_space *s, uint64_t va,
                             unsigned want, struct pt_slot *slot)
{
	/* A local copy with a constant format: no store can change it, so the compiler folds the format's fields. */
	struct pt_mode mode = *s->half[0].mode;
	paddr_t table = s->half[0].root;

	mode.format = f;
	/* f->levels is a constant, so the compiler unrolls the loop and every shift and table size is a constant. */
#pragma GCC unroll 5
	for (unsigned above = want || !is_plain_space(f, s) ? 0 : f->levels; above > 0; above--) {
		const unsigned l = above - 1;
		uintptr_t offset;
		pte_t e;

		if (!pt_in_linear(s->env, table))
			break;
		/* A table is aligned to its size and lies completely in the linear range. */
		offset = slot_index(f, l, va) * f->entry_bytes;
		e = pt_entry_at(pt_linear(s->env, table) + offset, f->entry_bytes);
		if (l > 0) {
			slot->upper[l] = e;
			if (!next_table(&mode, l, e, va, &table))
				break;
			continue;
		}
		slot->level = 0;
		slot->kind = f->kind(s->half[0].mode, 0, e);
		slot->entry_pa = PADDR((uintptr_t)table.v | offset);
		slot->entry = e;
		if (slot->kind == PT_LEAF)
			slot->page = f->output(s->half[0].mode, 0, e, va).pa;
		return OK;
	}
	return pt_lookup_slow(s, va, want, slot);
}

/* pt_format.lookup, called name. */
#define PT_LOOKUP_FROM(name, format) \
	static err_t name(const struct pt_space *space, uint64_t va, unsigned level, struct pt_slot *slot) \
	{ \
		return pt_lookup_core(&format, next_table, space, va, level, slot); \
	}
