/* paging/fmt_arm_long.c - ARMv7 LPAE: long descriptors of nine index bits for addresses of 32 bits.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.6; fmt_arm_stage1.h draws the entries. The frame has bits 39:12.
 *
 * Letters of `pte`, ten. No debugger has published any; the columns are those of AArch64 (fmt_arm64.c), but W is AP[2] clear, X is
 * XN clear and D is never shown.
 */
#include "paging/format.h"

#define LPAE_FRAME   0x000000FFFFFFF000ull

PT_INLINE uint64_t frame(const struct pt_mode *mode, pte_t pte)
{
	(void)mode;
	return pte.v & LPAE_FRAME;
}

PT_INLINE uint64_t placed(const struct pt_mode *mode, uint64_t pa)
{
	(void)mode;
	return pa;
}

PT_INLINE bool has_leaf(const struct pt_mode *mode, unsigned level)
{
	return mode->format->level[level].leaf;
}

#include "paging/fmt_arm_stage1.h"

static uint64_t inner_shareable(const struct pt_mode *mode)
{
	(void)mode;
	return SH_INNER;
}

/* The address of a table or page, then of the two blocks; end is the bit above it. What lies between a block's address and
 * its lower attributes is RES0. */
#define FRAME_FIELDS(end) \
	{ "PageFrameNumber", 12, (end) - 12, 14, PT_FORM_TABLE, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 12, (end) - 12, 9, PT_FORM_LEAF, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 21, (end) - 21, 2, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 30, (end) - 30, 4, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "RES0", 12, 9, 2, PT_FORM_LEAF, 0, 0, 0, "must be zero here, not part of the address", "zero, as it must be here" }, \
	{ "RES0", 12, 18, 4, PT_FORM_LEAF, 0, 0, 0, "must be zero here, not part of the address", "zero, as it must be here" }

static const struct pt_field lpae_fields[] = {
	COMMON_FIELDS, RES0(40, 12, 30, PT_FORM_TABLE), RES0(40, 12, 31, PT_FORM_LEAF),
	{ "SH", 8, 2, 31, 2, 0, 0, 0, NULL, NULL },
	{ "AP[2]", 7, 1, 31, 2, 2, 'R', 'W', "read-only", "writable" },
	FRAME_FIELDS(40),
	{ "PXN", 53, 1, 31, 2, 0, 0, 0, "not executable by the kernel", "kernel may execute" },
	{ "Writable", 55, 1, 31, 3, 0, 0, 0, "writable (software)", "read-only (software)" },
	{ "XN", 54, 1, 31, 2, 3, '-', 'X', "not executable", "executable" },
	{ "XNTable", 60, 1, 30, 1, 3, '-', 'X', "nothing below is executable", "pages decide" },
	{ "APTable[1]", 62, 1, 30, 1, 2, 'R', 'W', "nothing below is writable", "pages decide" },
};
static const struct pt_soft_field soft_fields[] = {
	SOFT_FIELDS(SOFT_IN_ANY), { "ProtoAddress", 32, 32, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields) };

PT_LOOKUP_FROM(lookup, pt_lpae)

const struct pt_format pt_lpae = {
	.name = "lpae", .title = "ARMv7 long descriptors, three levels, 64-bit entries", .entry_bytes = 8, .levels = 3,
	.va_bits = 32, .pa_bits = 40, .shared_level = 2, .letters = 10,
	.root_bits = 40, .root_attributes = 0x00FF000000000001ull,
	.caps = PT_HAS_NX | PT_FRAME_IN_PLACE | PT_TWO_ROOTS | PT_FEWER_LEVELS,
	.level = {
		{ 12, 9, true, "L3", "level 3 descriptor", "pte" },
		{ 21, 9, true, "L2", "level 2 descriptor", "pmd" },
		{ 30, 2, true, "L1", "level 1 descriptor", "pgd" },
	},
	.fields = lpae_fields, .field_count = ARRAY_LEN(lpae_fields), .soft = &soft, .lookup = lookup,
	.isa = PT_ISA(isa_arm_lpae), STAGE1_FUNCTIONS,
};
