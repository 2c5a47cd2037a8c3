/* paging/fmt_arm64.c - AArch64: granules of 4, 16 and 64 KiB, addresses of 48 and 52 bits.
 * SPDX-License-Identifier: MIT
 *
 * DDI 0487 D8.3; fmt_arm_stage1.h draws the entries, fmt_arm64.h says where the address is.
 *
 * Letters of `pte`, ten: C W/R X G A D K/U N L V, the columns that WinDbg has published for ARM64 (2, 3, 5, 6, 7, 9, 10) with ours
 * in 1 (copy on write), 4 (G: nG clear) and 8 (N: not attribute 0); W is bit 55 with AP[2] clear, D is AP[2] clear ("not dirty" is
 * Windows' use of read-only), X is PXN clear, K/U is AP[1].
 */
#include "paging/fmt_arm64.h"
#include "paging/fmt_arm_stage1.h"

/* With LPA2 the bits are a part of the address. */
static uint64_t inner_shareable(const struct pt_mode *mode)
{
	return is_lpa2(mode) ? 0 : SH_INNER;
}

/* Bits 50 and 51: FEAT_BTI and FEAT_HAFDBS (DDI 0487 D8.3.1). */
#define A64_FIELDS \
	COMMON_FIELDS, \
	{ "GP", 50, 1, 31, 2 | PT_FIELD_NOT_DT, 0, 0, 0, "guarded: branches need a target (BTI)", "not guarded" }, \
	{ "DBM", 51, 1, 31, 2 | PT_FIELD_NOT_DT, 0, 0, 0, "the CPU may clear AP[2] at a write (TCR.HD)", "no dirty state" }, \
	{ "AP[2]", 7, 1, 31, 2, 6, '-', 'D', "read-only", "writable" }, \
	{ "AP[2]", 7, 1, 30, 1, 6, '-', 'D', IGNORED, IGNORED }, \
	{ "PXN", 53, 1, 31, 2, 3, '-', 'X', "not executable by the kernel", "kernel may execute" }, \
	{ "PXN", 53, 1, 30, 1, 3, '-', 'X', IGNORED, IGNORED }, \
	{ "UXN", 54, 1, 31, 2, 0, 0, 0, "not executable by user mode", "user mode may execute" }, \
	{ "Writable", 55, 1, 31, 3, 2, 'W', 'R', "writable (software)", "read-only (software)" }, \
	/* The CPU tests only AP[2]: a page that it forbids to write has no W. */ \
	{ "AP[2]", 7, 1, 31, 2 | PT_FIELD_LETTER, 2, 'R', 0, NULL, NULL }, \
	{ "APTable[1]", 62, 1, 30, 1, 0, 0, 0, "nothing below is writable", "pages decide" }, \
	{ "UXNTable", 60, 1, 30, 1, 0, 0, 0, "user mode executes nothing below", "pages decide" }
#define SH_FIELD { "SH", 8, 2, 31, 2, 0, 0, 0, NULL, NULL }, RES0(48, 2, 31, PT_FORM_LEAF)

static const struct pt_field fields_4k[] = { A64_FIELDS, SH_FIELD, ARM64_FIELDS_4K };
static const struct pt_field fields_16k[] = { A64_FIELDS, SH_FIELD, ARM64_FIELDS_16K };
static const struct pt_field fields_64k[] = { A64_FIELDS, SH_FIELD, ARM64_FIELDS_64K };
static const struct pt_field fields_4k_lpa2[] = { A64_FIELDS, ARM64_FIELDS_4K_LPA2 };
static const struct pt_field fields_16k_lpa2[] = { A64_FIELDS, ARM64_FIELDS_16K_LPA2 };

static const struct pt_soft_field soft_fields[] = {
	SOFT_FIELDS(SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE), { "ProtoAddress", 16, 48, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields), .proto_signed = true };

PT_LOOKUP_FROM(lookup_4k, pt_a64)
PT_LOOKUP_FROM(lookup_16k, pt_a64_16k)
PT_LOOKUP_FROM(lookup_64k, pt_a64_64k)
PT_LOOKUP_FROM(lookup_4k_lpa2, pt_a64_lpa2)
PT_LOOKUP_FROM(lookup_16k_lpa2, pt_a64_16k_lpa2)

#define CAPS (PT_HAS_NX | PT_TWO_ROOTS | PT_FEWER_LEVELS)
/* The register: ASID, CnP. */
#define COMMON(table) \
	.entry_bytes = 8, .letters = 10, .root_attributes = 0xFFFF000000000001ull, .soft = &soft, \
	.fields = (table), .field_count = ARRAY_LEN(table), .isa = PT_ISA(isa_arm64), STAGE1_FUNCTIONS

const struct pt_format pt_a64 = {
	.name = "a64", .title = "AArch64, 4 KiB granule, four levels (three by T0SZ), 64-bit entries", GRANULE_4K,
	.root_other = "address bits 51:48 with LPA2 (TCR_EL1.DS): format a64_lpa2", .lookup = lookup_4k,
	.caps = CAPS | PT_FRAME_IN_PLACE, COMMON(fields_4k),
};
const struct pt_format pt_a64_16k = {
	.name = "a64_16k", .title = "AArch64, 16 KiB granule, four levels (three or two by T0SZ)", GRANULE_16K,
	.root_other = "address bits 51:48 with LPA2 (TCR_EL1.DS): format a64_16k_lpa2", .lookup = lookup_16k,
	.caps = CAPS | PT_FRAME_IN_PLACE, COMMON(fields_16k),
};
const struct pt_format pt_a64_64k = {
	.name = "a64_64k", .title = "AArch64, 64 KiB granule, three levels (two by T0SZ), 52 address bits with LPA", GRANULE_64K,
	.lookup = lookup_64k, .caps = CAPS, COMMON(fields_64k),
};
const struct pt_format pt_a64_lpa2 = {
	.name = "a64_lpa2", .title = "AArch64, 4 KiB granule with LPA2, five levels (fewer by T0SZ)", GRANULE_4K_LPA2,
	.lookup = lookup_4k_lpa2, .caps = CAPS, COMMON(fields_4k_lpa2),
};
const struct pt_format pt_a64_16k_lpa2 = {
	.name = "a64_16k_lpa2", .title = "AArch64, 16 KiB granule with LPA2, four levels (fewer by T0SZ)", GRANULE_16K_LPA2,
	.lookup = lookup_16k_lpa2, .caps = CAPS, COMMON(fields_16k_lpa2),
};
