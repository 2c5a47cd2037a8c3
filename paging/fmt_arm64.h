/* paging/fmt_arm64.h - the granules of AArch64 and where its descriptors have an address; for fmt_arm64*.c alone.
 * SPDX-License-Identifier: MIT
 *
 * DDI 0487 D8.3.1. Granules of 4, 16 and 64 KiB have 9, 11 and 13 index bits. Address bits 47 down to the granule stand at their
 * own positions; the upper ones:
 *   LPA2 (4 and 16 KiB with TCR.DS): bits 49:48 in place, 51:50 in entry bits 9:8, where SH is otherwise (that is TCR's then)
 *   LPA (64 KiB): bits 51:48 in entry bits 15:12, if the physical address has 52 bits; else these bits are ignored
 * Blocks exist at manual level 2; at level 1 with 4 KiB, LPA2 or LPA; at level 0 with 4 KiB and LPA2 (table D8-15).
 */
#pragma once
#include "paging/format.h"
#include "paging/pieces.h"

#define LPA_SHIFT  16       /* the granule of LPA */
#define LPA_BITS   48       /* address bits without it */

/* The root register has bits 51:48 in 5:2, if the physical address has 52 bits (DDI 0487 D19.2.152). */
static const struct pt_piece root_pieces[] = { { 2, 4, 48 }, { 0, 0, 0 } };
static const struct pt_piece lpa2_pieces[] = { { 8, 2, 50 }, { 0, 0, 0 } };
static const struct pt_piece lpa_pieces[] = { { 12, 4, 48 }, { 0, 0, 0 } };

/* The pieces are those of LPA2 in the two formats with DS. */
PT_INLINE bool is_lpa2(const struct pt_mode *mode)
{
	return mode->format->pieces == lpa2_pieces;
}

/* With DS the bits are always a part of the address, with 64 KiB only if the address has 52 bits (D8.3.1). */
PT_INLINE bool has_pieces(const struct pt_mode *mode)
{
	return mode->format->pieces && (mode->pa_bits > LPA_BITS || is_lpa2(mode));
}

/* The address bits that an entry has at their own positions. */
PT_INLINE uint64_t in_place(const struct pt_mode *mode)
{
	return (1ull << (is_lpa2(mode) ? 50 : 48)) - pt_level_size(mode->format, 0);
}

/* The address that an entry has, of a page, a block or a table. */
PT_INLINE uint64_t frame(const struct pt_mode *mode, pte_t pte)
{
	return (pte.v & in_place(mode)) | (has_pieces(mode) ? pt_gather(mode->format->pieces, pte.v) : 0);
}

/* The inverse: entry bits. placed(~0): all that hold an address. */
PT_INLINE uint64_t placed(const struct pt_mode *mode, uint64_t pa)
{
	return (pa & in_place(mode)) | (has_pieces(mode) ? pt_scatter(mode->format->pieces, pa) : 0);
}

/* With 64 KiB, blocks at manual level 1 came with LPA. */
PT_INLINE bool has_leaf(const struct pt_mode *mode, unsigned level)
{
	if (!mode->format->level[level].leaf)
		return false;
	return mode->format->level[0].shift != LPA_SHIFT || level < 2 || mode->pa_bits > LPA_BITS;
}

/* ---- levels: { shift, index bits, blocks, names } ---- */

#define LEVEL_L3(shift, bits) { (shift), (bits), true, "PTE", "level 3 descriptor", "pte" }
#define LEVEL_L2(shift, bits) { (shift), (bits), true, "PDE", "level 2 descriptor", "pmd" }
#define LEVEL_L1(shift, bits, leaf, linux) { (shift), (bits), (leaf), "PPE", "level 1 descriptor", linux }
#define LEVEL_L0(shift, bits, leaf, linux) { (shift), (bits), (leaf), "PXE", "level 0 descriptor", linux }
/* The shapes of the tables, which both stages share; shift and index bits of each level follow from the granule. */
#define GRANULE_4K \
	.levels = 4, .va_bits = 48, .pa_bits = 48, .shared_level = 3, .root_bits = 48, .level = { \
		LEVEL_L3(12, 9), LEVEL_L2(21, 9), LEVEL_L1(30, 9, true, "pud"), LEVEL_L0(39, 9, false, "pgd"), \
	}
#define GRANULE_16K \
	.levels = 4, .va_bits = 48, .pa_bits = 48, .shared_level = 3, .root_bits = 48, .level = { \
		LEVEL_L3(14, 11), LEVEL_L2(25, 11), LEVEL_L1(36, 11, false, "pud"), LEVEL_L0(47, 1, false, "pgd"), \
	}
#define WIDE(where) .pa_bits = 52, .root_bits = 52, .root_pieces = root_pieces, .plain_bits = LPA_BITS, .pieces = (where)
#define GRANULE_64K \
	.levels = 3, .va_bits = 52, .shared_level = 2, WIDE(lpa_pieces), .level = { \
		LEVEL_L3(16, 13), LEVEL_L2(29, 13), LEVEL_L1(42, 10, true, "pgd"), \
	}
#define GRANULE_4K_LPA2 \
	.levels = 5, .va_bits = 52, .shared_level = 4, WIDE(lpa2_pieces), .level = { \
		LEVEL_L3(12, 9), LEVEL_L2(21, 9), LEVEL_L1(30, 9, true, "pud"), LEVEL_L0(39, 9, true, "p4d"), \
		{ 48, 4, false, "P5E", "level -1 descriptor", "pgd" }, \
	}
#define GRANULE_16K_LPA2 \
	.levels = 4, .va_bits = 52, .shared_level = 3, WIDE(lpa2_pieces), .level = { \
		LEVEL_L3(14, 11), LEVEL_L2(25, 11), LEVEL_L1(36, 11, true, "pud"), LEVEL_L0(47, 5, false, "pgd"), \
	}

/* ---- rows of field tables; `end` is the bit above the address ---- */

#define ARM64_ZERO "must be zero here, not part of the address", "zero, as it must be here"
#define ARM64_IGNORED_ZERO "should be zero, the CPU ignores it", "zero, as it should be"
/* The address of a table or page. `others`: levels without blocks, whose entries are shown as pages when they are bad. */
#define ARM64_FRAME(low, end, others) \
	{ "PageFrameNumber", (low), (end) - (low), 30, PT_FORM_TABLE | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", (low), (end) - (low), 1 | (others), PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "RES0", (end), 52 - (end), 30, PT_FORM_TABLE | PT_FIELD_NOT_DT, 0, 0, 0, ARM64_IGNORED_ZERO }
#define ARM64_BLOCK(level, low, shift, end) \
	{ "PageFrameNumber", (shift), (end) - (shift), 1 << (level), PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "RES0", (low), (shift) - (low), 1 << (level), PT_FORM_LEAF, 0, 0, 0, ARM64_ZERO }
#define ARM64_BLOCKS_4K(end) ARM64_BLOCK(1, 12, 21, end), ARM64_BLOCK(2, 12, 30, end)
#define ARM64_LOW_ZERO(low) \
	{ "RES0", 12, (low) - 12, 31, 3 | PT_FIELD_NOT_DT, 0, 0, 0, ARM64_IGNORED_ZERO }
#define ARM64_HIGH(name, lsb, width) \
	{ name, (lsb), (width), 31, 3 | PT_FIELD_NOT_DT, 0, 0, 0, NULL, NULL }
/* All rows of a granule: the address of each kind of entry, and the bits around it that are zero. */
#define ARM64_FIELDS_4K       ARM64_FRAME(12, 48, 8), ARM64_BLOCKS_4K(48)
#define ARM64_FIELDS_16K      ARM64_FRAME(14, 48, 12), ARM64_LOW_ZERO(14), ARM64_BLOCK(1, 14, 25, 48)
#define ARM64_FIELDS_64K \
	ARM64_FRAME(16, 48, 0), ARM64_HIGH("OA[51:48]", 12, 4), ARM64_BLOCK(1, 16, 29, 48), ARM64_BLOCK(2, 16, 42, 48)
#define ARM64_FIELDS_4K_LPA2 \
	ARM64_FRAME(12, 50, 16), ARM64_HIGH("OA[51:50]", 8, 2), ARM64_BLOCKS_4K(50), ARM64_BLOCK(3, 12, 39, 50)
#define ARM64_FIELDS_16K_LPA2 \
	ARM64_FRAME(14, 50, 8), ARM64_HIGH("OA[51:50]", 8, 2), ARM64_LOW_ZERO(14), ARM64_BLOCK(1, 14, 25, 50), \
	ARM64_BLOCK(2, 14, 36, 50)
