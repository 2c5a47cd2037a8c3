/* paging/fmt_x86.h - entry bits that all x86 formats share; for fmt_x86_*.c alone.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3A, tables 4-4 to 4-6 (32-bit), 4-8 to 4-11 (PAE), 4-14 to 4-20 (4 and 5 levels).
 */
#pragma once
#include "paging/format.h"
#include "paging/soft.h"

#define X86_P     (1ull << 0)
#define X86_W     (1ull << 1)
#define X86_U     (1ull << 2)
#define X86_PWT   (1ull << 3)
#define X86_PCD   (1ull << 4)
#define X86_A     (1ull << 5)
#define X86_D     (1ull << 6)
#define X86_PS    (1ull << 7)    /* above level 0; at level 0 it is PAT */
#define X86_G     (1ull << 8)
#define X86_COW   (1ull << 9)    /* software */
#define X86_NX    (1ull << 63)

/* Rows of the field tables that all x86 formats share. Dirty and Global are ignored in an entry that references a table. */
#define X86_IGNORED "ignored: the entry references a table"
#define X86_MUST_BE_ZERO "must be zero here", "zero, as it must be here"
#define X86_DIRTY_FIELDS \
	{ "Dirty", 6, 1, 0x1F, PT_FORM_LEAF, 4, 'D', '-', "dirty", "clean" }, \
	{ "Dirty", 6, 1, 0x1E, PT_FORM_TABLE, 4, 'D', '-', X86_IGNORED, X86_IGNORED }
#define X86_GLOBAL_FIELDS \
	{ "Global", 8, 1, 0x1F, PT_FORM_LEAF, 2, 'G', '-', "global", "not global" }, \
	{ "Global", 8, 1, 0x1E, PT_FORM_TABLE, 2, 'G', '-', X86_IGNORED, X86_IGNORED }
/* Bit 7 of a page, bit 12 of a large page. */
#define X86_PAT_FIELDS(large_levels) \
	{ "PAT", 7, 1, 1, PT_FORM_LEAF, 0, 0, 0, "IA32_PAT entries 4 to 7", "IA32_PAT entries 0 to 3" }, \
	{ "PAT", 12, 1, (large_levels), PT_FORM_LEAF, 0, 0, 0, "IA32_PAT entries 4 to 7", "IA32_PAT entries 0 to 3" }

/* What a page in transition keeps of its leaf. */
#define X86_SOFT_TRANSITION \
	{ "Write", 1, 1, SOFT_IN_TRANSITION, SOFT_NO_NUMBER, 0 }, \
	{ "Owner", 2, 1, SOFT_IN_TRANSITION, SOFT_NO_NUMBER, 0 }, \
	{ "WriteThrough", 3, 1, SOFT_IN_TRANSITION, SOFT_NO_NUMBER, 0 }, \
	{ "CacheDisable", 4, 1, SOFT_IN_TRANSITION, SOFT_NO_NUMBER, 0 }
#define X86_SOFT_FILE { "PageFileLow", 1, 4, SOFT_IN_PAGEFILE, SOFT_FILE, 0 }

/* Attributes that every entry keeps at the same bits, both ways: all of them in its lower half. */
PT_INLINE prot_t x86_attributes(pte_t pte, bool leaf)
{
	uint32_t v = (uint32_t)pte.v;
	prot_t prot = PROT_R | (v & X86_W ? PROT_W : 0) | (v & X86_U ? PROT_U : 0) | (v & X86_COW ? PROT_COW : 0) |
	              (v & X86_A ? PROT_ACCESSED : 0) | (v & X86_PWT ? CACHE_WT : 0) |
	              (v & X86_PCD ? CACHE_UC_MINUS : 0);

	return leaf ? prot | (v & X86_G ? PROT_GLOBAL : 0) | (v & X86_D ? PROT_DIRTY : 0) : prot;
}

PT_INLINE uint32_t x86_leaf_bits(const struct pt_mode *mode, prot_t prot)
{
	/* Without a loop over a table, because every page that is mapped passes here. The CPU ignores G while CR4.PGE is off; it
	 * is left out, so that `pte` shows the bits that have an effect. */
	return (uint32_t)(X86_P | (prot & PROT_W ? X86_W : 0) | (prot & PROT_U ? X86_U : 0) |
	                  ((prot & PROT_GLOBAL) && mode->pge ? X86_G : 0) | (prot & PROT_COW ? X86_COW : 0) |
	                  (prot & PROT_ACCESSED ? X86_A : 0) | (prot & PROT_DIRTY ? X86_D : 0) |
	                  (prot & CACHE_WT ? X86_PWT : 0) | (prot & CACHE_UC_MINUS ? X86_PCD : 0));
}

static inline pte_t x86_write_protect(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	(void)level;
	return (uint32_t)pte.v & (uint32_t)X86_W ? PTE((pte.v & ~X86_W) | X86_COW) : pte;
}
