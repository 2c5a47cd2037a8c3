/* paging/fmt_sv32.c - RISC-V Sv32, and Sv32x4: the second stage with a root of four tables.
 * SPDX-License-Identifier: MIT
 *
 * RISC-V Privileged Architecture 4.3 and 8.5.1; fmt_riscv.h draws the entries. Two levels of 32-bit entries; an address of 34
 * bits. There is neither N nor PBMT.
 */
#include "paging/fmt_riscv.h"

PT_BULK_FROM(uint32_t, page, write_protect)

static const struct pt_field fields[] = {
	RISCV_LOW_FIELDS,
	{ "PPN", 10, 22, 2, PT_FORM_TABLE | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL },
	{ "PPN", 10, 22, 1, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL },
	RISCV_SUPERPAGE(1, 10, 32),
	/* The columns of the formats with 64-bit entries. */
	{ "PBMT", 0, 0, 3, RISCV_ANY, 2, 'M', '-', NULL, NULL },
	{ "N", 0, 0, 3, RISCV_ANY, 1, 'N', '-', NULL, NULL },
};

static const struct pt_soft_field soft_fields[] = {
	PT_SOFT_COMMON(32, 12, SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE, SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE),
	{ "PageFileLow", 1, 4, SOFT_IN_PAGEFILE, SOFT_FILE, 0 },
	{ "PageFrameNumber", 12, 20, SOFT_IN_TRANSITION, SOFT_FRAME, 0 },
	{ "ProtoAddressLow", 1, 7, SOFT_IN_PROTOTYPE, SOFT_PROTO, 2 },
	{ "ProtoAddressHigh", 11, 21, SOFT_IN_PROTOTYPE, SOFT_PROTO, 9 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields) };

PT_LOOKUP_FROM(lookup_sv32, pt_sv32)
PT_LOOKUP_FROM(lookup_sv32x4, pt_sv32x4)

#define COMMON \
	.entry_bytes = 4, .levels = 2, .pa_bits = 34, .shared_level = 1, .letters = 10, .root_bits = 34, \
	.fields = fields, .field_count = ARRAY_LEN(fields), .soft = &soft, RISCV_FUNCTIONS

const struct pt_format pt_sv32 = {
	.name = "sv32", .title = "RISC-V Sv32, two levels, 32-bit entries", .va_bits = 32, .caps = RISCV_CAPS,
	.level = { { 12, 10, true, "PTE", "level 0 PTE", "pte" }, { 22, 10, true, "PDE", "level 1 PTE", "pgd" } },
	.lookup = lookup_sv32, .isa = PT_ISA(isa_riscv32), COMMON,
};
const struct pt_format pt_sv32x4 = {
	.name = "sv32x4", .title = "RISC-V Sv32x4, the second stage of Sv32", .va_bits = 34, .caps = RISCV_CAPS | PT_SECOND_STAGE,
	.level = { { 12, 10, true, "PTE", "level 0 PTE", "pte" }, { 22, 12, true, "PDE", "level 1 PTE", "pgd" } },
	.lookup = lookup_sv32x4, .isa = PT_ISA(isa_riscv32_g), COMMON,
};
