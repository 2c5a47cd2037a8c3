/* isa/arm.c - the rows of ARM: ARMv7 with short and with long descriptors, AArch64.
 * SPDX-License-Identifier: MIT
 *
 * Registers: ARM DDI 0406C B4.1.130 (SCTLR), B4.1.153 (TTBCR), B4.1.154 (TTBR0), B4.1.43 (DACR); DDI 0487 D19.2.
 * SCTLR bits that ARMv7 fixes keep the names of ARMv6, which Linux uses.
 */
#include "isa/arm.h"
#include "isa/creg.h"

static const struct creg_bit sctlr[] = {
	FLAG("TE", 30), FLAG("AFE", 29), FLAG("TRE", 28), FLAG("NMFI", 27), FLAG("EE", 25), FLAG("VE", 24),
	FLAG("XP", 23), FLAG("U", 22), FLAG("FI", 21), FLAG("UWXN", 20), FLAG("WXN", 19), FLAG("IT", 18),
	FLAG("HA", 17), FLAG("DT", 16), FLAG("L4", 15), FLAG("RR", 14), FLAG("V", 13), FLAG("I", 12),
	FLAG("Z", 11), FLAG("F", 10), FLAG("R", 9), FLAG("S", 8), FLAG("B", 7), FLAG("L", 6), FLAG("D", 5),
	FLAG("P", 4), FLAG("W", 3), FLAG("C", 2), FLAG("A", 1), FLAG("M", 0),
};
static const struct creg_bit ttbcr[] = { FLAG("EAE", 31), FLAG("PD1", 5), FLAG("PD0", 4), NUMBER("N", 0, 3) };
static const char *const cacheability[] = { "NC", "WBWA", "WT", "WB" };
static const char *const shareability[] = { "none", "reserved", "outer", "inner" };
static const struct creg_bit ttbcr_lpae[] = {
	FLAG("EAE", 31), WORD("SH1", 28, 2, shareability), WORD("ORGN1", 26, 2, cacheability),
	WORD("IRGN1", 24, 2, cacheability), FLAG("EPD1", 23), FLAG("A1", 22), NUMBER("T1SZ", 16, 3),
	WORD("SH0", 12, 2, shareability), WORD("ORGN0", 10, 2, cacheability), WORD("IRGN0", 8, 2, cacheability),
	FLAG("EPD0", 7), NUMBER("T0SZ", 0, 3),
};
/* With the multiprocessing extensions IRGN is split: its high bit is bit 0, its low bit is bit 6. */
static const struct creg_bit ttbr[] = {
	ADDRESS("BASE", 7, 25), FLAG("IRGN[0]", 6), FLAG("NOS", 5), WORD("RGN", 3, 2, cacheability), FLAG("IMP", 2),
	FLAG("S", 1), FLAG("IRGN[1]", 0),
};
static const struct creg_bit ttbr_lpae[] = { NUMBER("ASID", 48, 8), ADDRESS("BASE", 5, 35) };

static const char *const domain_access[] = { "none", "client", "reserved", "manager" };
#define DOMAIN(name, n) { name, 2 * (n), 2, CREG_SET_WORD, domain_access }
static const struct creg_bit dacr[] = {
	DOMAIN("D15", 15), DOMAIN("D14", 14), DOMAIN("D13", 13), DOMAIN("D12", 12), DOMAIN("D11", 11),
	DOMAIN("D10", 10), DOMAIN("D9", 9), DOMAIN("D8", 8), DOMAIN("D7", 7), DOMAIN("D6", 6),
	DOMAIN("D5", 5), DOMAIN("D4", 4), DOMAIN("D3", 3), DOMAIN("D2", 2), DOMAIN("D1", 1), DOMAIN("D0", 0),
};

static const struct creg registers_short[] = {
	REG("SCTLR", 8, sctlr), REG("TTBCR", 8, ttbcr), REG("TTBR0", 8, ttbr), REG("TTBR1", 8, ttbr), REG("DACR", 8, dacr),
	{ 0 },
};
static const struct creg registers_lpae[] = {
	REG("SCTLR", 8, sctlr), REG("TTBCR", 8, ttbcr_lpae), REG("TTBR0", 16, ttbr_lpae), REG("TTBR1", 16, ttbr_lpae),
	REG("DACR", 8, dacr), { 0 },
};

/* ---- AArch64 ---- */

static const struct creg_bit sctlr_el1[] = {
	FLAG("EPAN", 57), FLAG("EE", 25), FLAG("E0E", 24), FLAG("SPAN", 23), FLAG("WXN", 19), FLAG("nTWE", 18),
	FLAG("nTWI", 16), FLAG("UCT", 15), FLAG("DZE", 14), FLAG("I", 12), FLAG("UMA", 9), FLAG("SA0", 4), FLAG("SA", 3),
	FLAG("C", 2), FLAG("A", 1), FLAG("M", 0),
};
static const char *const granule_0[] = { "4K", "64K", "16K", "reserved" };
static const char *const granule_1[] = { "reserved", "16K", "4K", "64K" };
static const struct creg_bit tcr_el1[] = {
	FLAG("DS", 59), FLAG("HPD1", 42), FLAG("HPD0", 41), FLAG("HD", 40), FLAG("HA", 39), FLAG("TBI1", 38),
	FLAG("TBI0", 37), FLAG("AS", 36), NUMBER("IPS", 32, 3), WORD("TG1", 30, 2, granule_1),
	WORD("SH1", 28, 2, shareability), WORD("ORGN1", 26, 2, cacheability), WORD("IRGN1", 24, 2, cacheability),
	FLAG("EPD1", 23), FLAG("A1", 22), NUMBER("T1SZ", 16, 6), WORD("TG0", 14, 2, granule_0),
	WORD("SH0", 12, 2, shareability), WORD("ORGN0", 10, 2, cacheability), WORD("IRGN0", 8, 2, cacheability),
	FLAG("EPD0", 7), NUMBER("T0SZ", 0, 6),
};
static const struct creg_bit ttbr_el1[] = { NUMBER("ASID", 48, 16), ADDRESS("BASE", 1, 47), FLAG("CNP", 0) };
static const struct creg registers_64[] = {
	REG("SCTLR_EL1", 16, sctlr_el1), REG("TCR_EL1", 16, tcr_el1), REG("TTBR0_EL1", 16, ttbr_el1),
	REG("TTBR1_EL1", 16, ttbr_el1), { 0 },
};

/* ---- the rows ---- */

/* The kernel's writes always obey AP[2]. Only a domain or TTBCR.EPD0 can exclude the kernel from user memory. */
#define ARMV7 \
	.mode_words = { "XN", "AP[2]", "PXN", "user memory shut" }, \
	.put_code = arm_put_code, .oops = arm_oops, .user_trap = arm_user_trap, \
	.answer = "PAR", .answer_status = arm_answer_status, \
	.boot_words = { "sctlr", "ttbr0", "ttbcr", "dacr" }, .root = "ttbr0", .control = "sctlr", .pc = "pc", .sp = "sp"

/* "=" and the table before the entries: Linux on ARM. A large page in place of a table is shown as bad. */
#define ENTRIES .equals = "=", .join = ", ", .table_first = true, .leaf_is_bad = true, .bad = "(bad)"

const struct isa isa_arm_short = {
	ARMV7, .check_access = arm_check_access_short, .encode = arm_encode_short, .divide = arm_divide_short,
	.registers = registers_short,
	.vtop = { "ArmVtoP: ", "", true, true, { "L2", "L1" }, false },
	.ptov = { "ArmPtoV", ", short descriptors." },
	/* Linux pairs first-level descriptors: a pgd entry has eight bytes and covers 2 MiB. */
	.entries = { ENTRIES, .digits = 8, .pointer_align = 8, .name = { "*pte", "*pgd" } },
};

const struct isa isa_arm_lpae = {
	ARMV7, .check_access = arm_check_access_lpae, .encode = arm_encode_lpae, .divide = arm_divide_lpae,
	.registers = registers_lpae,
	.vtop = { "ArmVtoP: ", "LPAE ", true, false, { "L3", "L2", "L1" }, false },
	.ptov = { "ArmPtoV", ", LPAE enabled." },
	.entries = { ENTRIES, .digits = 8, .pointer_align = 1, .name = { "*pte", "*pmd", "*pgd" } },
};

const struct isa isa_arm64 = {
	.check_access = arm64_check_access, .encode = arm64_encode, .divide = arm64_divide, .put_code = arm64_put_code,
	.answer = "PAR_EL1", .answer_status = arm64_answer_status, .registers = registers_64,
	.boot_words = { "sctlr_el1", "ttbr0_el1", "tcr_el1", "ttbr1_el1" },
	.root = "ttbr0_el1", .control = "sctlr_el1", .pc = "pc", .sp = "sp",
	.mode_words = { "UXN", "AP[2]", "PXN", "PAN" }, .oops = arm64_oops, .user_trap = arm64_user_trap,
	.vtop = { "Arm64VtoP: ", "", true, false, { "L3", "L2", "L1", "L0", "L-1" }, false },
	.ptov = { "Arm64PtoV", "" },
	.entries = { ENTRIES, .digits = 16, .pointer_align = 1, .name = { "pte", "pmd", "pud", "p4d", "pgd" } },
};

/* ---- AArch64's second stage ---- */

static const char *const granule[] = { "4K", "64K", "16K", "reserved" };
static const struct creg_bit vtcr_el2[] = {
	FLAG("SL2", 33), FLAG("DS", 32), FLAG("HD", 22), FLAG("HA", 21), NUMBER("PS", 16, 3), WORD("TG0", 14, 2, granule),
	WORD("SH0", 12, 2, shareability), WORD("ORGN0", 10, 2, cacheability), WORD("IRGN0", 8, 2, cacheability),
	NUMBER("SL0", 6, 2), NUMBER("T0SZ", 0, 6),
};
static const struct creg_bit vttbr_el2[] = { NUMBER("VMID", 48, 16), ADDRESS("BASE", 1, 47), FLAG("CNP", 0) };
static const struct creg registers_s2[] = { REG("VTCR_EL2", 16, vtcr_el2), REG("VTTBR_EL2", 16, vttbr_el2), { 0 } };

const struct isa isa_arm64_s2 = {
	.check_access = arm64_s2_check_access, .encode = arm64_encode, .put_code = arm64_put_code, .registers = registers_s2,
	.root = "vttbr_el2", .control = "vtcr_el2", .pc = "pc", .sp = "sp", .mode_words = { "XN", "S2AP[1]", "XN", "XN" },
	.vtop = { "Arm64GtoP: ", "", true, false, { "L3", "L2", "L1", "L0", "L-1" }, true },
	.ptov = { "Arm64PtoG", "" },
	.entries = { ENTRIES, .digits = 16, .pointer_align = 1, .name = { "pte", "pmd", "pud", "p4d", "pgd" } },
};
