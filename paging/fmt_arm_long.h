/* paging/fmt_arm_long.h - ARM's long descriptors, of every stage; for fmt_arm*.c alone.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.6 (LPAE), DDI 0487 D8.3 (AArch64). Manual level 3 is level 0 here, and so on upwards. Bit 0: valid. Bit 1: above
 * level 0 zero is a block and one a table; at level 0 one is a *page* and zero is bad.
 *
 * The file that includes this defines before: frame(), the address of an entry with all its bits; placed(), the inverse; and
 * has_leaf(), whether a level has blocks.
 */
#pragma once
#include "paging/bulk.h"
#include "paging/lookup.h"
#include "paging/soft.h"

#define VALID        (1ull << 0)
#define TABLE_PAGE   (1ull << 1)

PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	bool table_page = pte.v & TABLE_PAGE;

	if (!(pte.v & VALID))
		return pte.v ? PT_SOFT : PT_EMPTY;
	if (frame(mode, pte) >> mode->pa_bits)
		return PT_BAD;
	if (level == 0)
		return table_page ? PT_LEAF : PT_BAD;
	if (table_page)
		return PT_TABLE;
	return has_leaf(mode, level) ? PT_LEAF : PT_BAD;
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	bool table = level > 0 && (pte.v & TABLE_PAGE);
	uint64_t size = table ? pt_table_bytes(mode->format, level - 1) : pt_level_size(mode->format, level);

	(void)va;
	return (struct pt_output){ PADDR(frame(mode, pte) & ~(size - 1)), size };
}

static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	uint64_t bits = frame(mode, PTE(~(uint64_t)0)) & ~(output(mode, level, pte, 0).size - 1);

	return PTE((pte.v & ~placed(mode, bits)) | placed(mode, pa.v));
}

PT_PAGE_FROM(kind, output)
PT_NEXT_TABLE_FROM(kind, output)

/* The fields are those of Windows on x86; the hardware uses only bit 0. */
#define SOFT_FIELDS(protected_kinds) \
	PT_SOFT_COMMON(64, 32, (protected_kinds), SOFT_IN_ANY), \
	{ "PageFileLow", 1, 4, SOFT_IN_PAGEFILE, SOFT_FILE, 0 }, \
	{ "PageFrameNumber", 12, 40, SOFT_IN_TRANSITION, SOFT_FRAME, 0 }
