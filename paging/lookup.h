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
 * without PT_TWO_ROOTS and PT_FEWER_LEVELS this is a constant. */
PT_INLINE bool is_plain_space(const struct pt_format *f, const struct pt_space *s)
{
	return !(f->caps & (PT_TWO_ROOTS | PT_FEWER_LEVELS)) || (pt_is_one_tree(s) && !s->half[0].mode->va_bits &&
	                                     (!(f->caps & PT_FEWER_LEVELS) || s->half[0].mode->levels == f->levels));
}

/* Sets kind and page of the entry that ends a lookup, and returns OK. */
typedef err_t (*pt_end_fn)(const struct pt_space *space, uint64_t va, struct pt_slot *slot);

/* Fast path: one tree of full size, and all tables in the linear range. Otherwise pt_lookup_slow(). A large page or a bad entry
 * above `want` takes the slow path too; an empty entry does not, because every first access below a missing table ends there. */
PT_INLINE err_t pt_lookup_core(const struct pt_format *f, pt_next_table_fn next_table, pt_end_fn end, const struct pt_space *s,
                               uint64_t va, unsigned want, struct pt_slot *slot)
{
	/* A local copy with a constant format: no store can change it, so the compiler folds the format's fields. */
	struct pt_mode mode = *s->half[0].mode;
	paddr_t table = s->half[0].root;

	mode.format = f;
	/* f->levels is a constant, so the compiler unrolls the loop and every shift and table size is a constant. */
#pragma GCC unroll 5
	for (unsigned above = is_plain_space(f, s) ? f->levels : 0; above > 0; above--) {
		const unsigned l = above - 1;
		uintptr_t offset;
		pte_t e;

		if (!pt_in_linear(s->env, table))
			break;
		/* A table is aligned to its size and lies completely in the linear range. */
		offset = slot_index(f, l, va) * f->entry_bytes;
		e = pt_entry_at(pt_linear(s->env, table) + offset, f->entry_bytes);
		if (l > want) {
			paddr_t below;

			slot->upper[l] = e;
			if (next_table(&mode, l, e, va, &below)) {
				table = below;
				continue;
			}
			if (e.v)
				break;
		}
		slot->level = l;
		slot->entry_pa = PADDR((uintptr_t)table.v | offset);
		slot->entry = e;
		slot->kind = PT_EMPTY;
		/* A tail call: no register is saved for it on the path of an empty entry. */
		return e.v ? end(s, va, slot) : OK;
	}
	return pt_lookup_slow(s, va, want, slot);
}

/* pt_format.lookup, called name. The page-fault path wants level 0: a copy of the loop in which that is a constant. */
#define PT_LOOKUP_FROM(name, format) \
	static __attribute__((noinline)) err_t name##_end(const struct pt_space *space, uint64_t va, struct pt_slot *slot) \
	{ \
		const struct pt_mode *mode = space->half[0].mode; \
		if (slot->level == 0 && page(mode, slot->entry, va, &slot->page)) \
			slot->kind = PT_LEAF; \
		else \
			slot->kind = kind(mode, slot->level, slot->entry); \
		return OK; \
	} \
	static __attribute__((noinline)) err_t name##_above(const struct pt_space *space, uint64_t va, unsigned level, \
	                                                    struct pt_slot *slot) \
	{ \
		return pt_lookup_core(&format, next_table, name##_end, space, va, level, slot); \
	} \
	static err_t name(const struct pt_space *space, uint64_t va, unsigned level, struct pt_slot *slot) \
	{ \
		if (level > 0) \
			return name##_above(space, va, level, slot); \
		return pt_lookup_core(&format, next_table, name##_end, space, va, 0, slot); \
	}
