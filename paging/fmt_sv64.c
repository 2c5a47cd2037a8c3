/* paging/fmt_sv64.c - RISC-V Sv39, Sv48 and Sv57, and their second stages Sv39x4, Sv48x4 and Sv57x4.
 * SPDX-License-Identifier: MIT
 *
 * RISC-V Privileged Architecture 4.4 to 4.6 and 8.5.1; fmt_riscv.h draws the entries. Three to five levels of nine index bits,
 * 56 address bits. A second stage translates guest physical addresses, which are not sign-extended; its root has four times the
 * entries of another table, so two more index bits.
 */
#include "paging/fmt_riscv.h"

PT_BULK_FROM(uint64_t, page, write_protect)

static const struct pt_field fields[] = {
	RISCV_LOW_FIELDS,
	{ "PPN", 10, 44, 30, PT_FORM_TABLE | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL },
	{ "PPN", 10, 44, 1, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL },
	{ "NapotSize", 10, 4, 1, PT_FORM_REPEATED, 0, 0, 0, "64 KiB with 8, no other is defined", "reserved" },
	{ "PPN", 14, 40, 1, PT_FORM_REPEATED | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL },
	RISCV_SUPERPAGE(1, 9, 54), RISCV_SUPERPAGE(2, 18, 54), RISCV_SUPERPAGE(3, 27, 54), RISCV_SUPERPAGE(4, 36, 54),
	{ "reserved", 54, 7, 31, RISCV_ANY, 0, 0, 0, RISCV_ZERO },
	{ "PBMT", 61, 2, 31, RISCV_PAGES, 2, 'M', '-', NULL, NULL },
	{ "PBMT", 61, 2, 30, PT_FORM_TABLE, 2, 'M', '-', RISCV_ZERO },
	{ "N", 63, 1, 31, RISCV_PAGES, 1, 'N', '-', "one of sixteen entries of a 64 KiB page", "on its own" },
	{ "N", 63, 1, 30, PT_FORM_TABLE, 1, 'N', '-', RISCV_ZERO },
};

static const struct pt_soft_field soft_fields[] = {
	PT_SOFT_COMMON(64, 32, SOFT_IN_ANY, SOFT_IN_ANY),
	{ "PageFileLow", 1, 4, SOFT_IN_PAGEFILE, SOFT_FILE, 0 },
	{ "PageFrameNumber", 12, 44, SOFT_IN_TRANSITION, SOFT_FRAME, 0 },
	{ "ProtoAddress", 32, 32, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields) };

PT_LOOKUP_FROM(lookup_sv39, pt_sv39)
PT_LOOKUP_FROM(lookup_sv48, pt_sv48)
PT_LOOKUP_FROM(lookup_sv57, pt_sv57)
PT_LOOKUP_FROM(lookup_sv39x4, pt_sv39x4)
PT_LOOKUP_FROM(lookup_sv48x4, pt_sv48x4)
PT_LOOKUP_FROM(lookup_sv57x4, pt_sv57x4)

#define LEVEL(n, bits, windbg, linux) { 12 + 9 * (n), (bits), true, windbg, "level " #n " PTE", linux }
#define LEVEL_0 LEVEL(0, 9, "PTE", "pte")
#define LEVEL_1 LEVEL(1, 9, "PDE", "pmd")
#define COMMON \
	.entry_bytes = 8, .pa_bits = 56, .letters = 10, .root_bits = 56, \
	.fields = fields, .field_count = ARRAY_LEN(fields), .soft = &soft, RISCV_FUNCTIONS
#define FIRST_STAGE  .caps = RISCV_CAPS | PT_REPEATS | PT_SIGN_EXTEND, .isa = PT_ISA(isa_riscv64), COMMON
#define SECOND_STAGE .caps = RISCV_CAPS | PT_REPEATS | PT_SECOND_STAGE, .isa = PT_ISA(isa_riscv64_g), COMMON

const struct pt_format pt_sv39 = {
	.name = "sv39", .title = "RISC-V Sv39, three levels, 64-bit entries", .levels = 3, .va_bits = 39, .shared_level = 2,
	.level = { LEVEL_0, LEVEL_1, LEVEL(2, 9, "PPE", "pgd") }, .lookup = lookup_sv39, FIRST_STAGE,
};
const struct pt_format pt_sv48 = {
	.name = "sv48", .title = "RISC-V Sv48, four levels, 64-bit entries", .levels = 4, .va_bits = 48, .shared_level = 3,
	.level = { LEVEL_0, LEVEL_1, LEVEL(2, 9, "PPE", "pud"), LEVEL(3, 9, "PXE", "pgd") }, .lookup = lookup_sv48, FIRST_STAGE,
};
const struct pt_format pt_sv57 = {
	.name = "sv57", .title = "RISC-V Sv57, five levels, 64-bit entries", .levels = 5, .va_bits = 57, .shared_level = 4,
	.level = {
		LEVEL_0, LEVEL_1, LEVEL(2, 9, "PPE", "pud"), LEVEL(3, 9, "PXE", "p4d"), LEVEL(4, 9, "P5E", "pgd"),
	},
	.lookup = lookup_sv57, FIRST_STAGE,
};
const struct pt_format pt_sv39x4 = {
	.name = "sv39x4", .title = "RISC-V Sv39x4, the second stage of Sv39", .levels = 3, .va_bits = 41, .shared_level = 2,
	.level = { LEVEL_0, LEVEL_1, LEVEL(2, 11, "PPE", "pgd") }, .lookup = lookup_sv39x4, SECOND_STAGE,
};
const struct pt_format pt_sv48x4 = {
	.name = "sv48x4", .title = "RISC-V Sv48x4, the second stage of Sv48", .levels = 4, .va_bits = 50, .shared_level = 3,
	.level = { LEVEL_0, LEVEL_1, LEVEL(2, 9, "PPE", "pud"), LEVEL(3, 11, "PXE", "pgd") }, .lookup = lookup_sv48x4,
	SECOND_STAGE,
};
const struct pt_format pt_sv57x4 = {
	.name = "sv57x4", .title = "RISC-V Sv57x4, the second stage of Sv57", .levels = 5, .va_bits = 59, .shared_level = 4,
	.level = {
		LEVEL_0, LEVEL_1, LEVEL(2, 9, "PPE", "pud"), LEVEL(3, 9, "PXE", "p4d"), LEVEL(4, 11, "P5E", "pgd"),
	},
	.lookup = lookup_sv57x4, SECOND_STAGE,
};
