/* isa/riscv.c - the rows of RISC-V: supervisor mode of 32 and 64 bits, and the second stage of the hypervisor extension.
 * SPDX-License-Identifier: MIT
 *
 * RISC-V Privileged Architecture 4.1.1 (sstatus), 4.1.11 (satp), 8.2.1 (hstatus), 8.2.10 (hgatp).
 */
#include "isa/creg.h"
#include "isa/riscv.h"

static const struct creg_bit sstatus[] = {
	FLAG("SD", 63), NUMBER("UXL", 32, 2), FLAG("MXR", 19), FLAG("SUM", 18), NUMBER("XS", 15, 2), NUMBER("FS", 13, 2),
	NUMBER("VS", 9, 2), FLAG("SPP", 8), FLAG("UBE", 6), FLAG("SPIE", 5), FLAG("SIE", 1),
};
static const struct creg_bit sstatus32[] = {
	FLAG("SD", 31), FLAG("MXR", 19), FLAG("SUM", 18), NUMBER("XS", 15, 2), NUMBER("FS", 13, 2), NUMBER("VS", 9, 2),
	FLAG("SPP", 8), FLAG("UBE", 6), FLAG("SPIE", 5), FLAG("SIE", 1),
};
static const struct creg_bit hstatus[] = {
	NUMBER("VSXL", 32, 2), FLAG("VTSR", 22), FLAG("VTW", 21), FLAG("VTVM", 20), NUMBER("VGEIN", 12, 6), FLAG("HU", 9),
	FLAG("SPVP", 8), FLAG("SPV", 7), FLAG("GVA", 6), FLAG("VSBE", 5),
};
static const struct creg_bit hstatus32[] = {
	FLAG("VTSR", 22), FLAG("VTW", 21), FLAG("VTVM", 20), NUMBER("VGEIN", 12, 6), FLAG("HU", 9), FLAG("SPVP", 8),
	FLAG("SPV", 7), FLAG("GVA", 6), FLAG("VSBE", 5),
};
static const char *const modes[] = {
	"bare", "reserved", "reserved", "reserved", "reserved", "reserved", "reserved", "reserved", "Sv39", "Sv48", "Sv57", "Sv64",
	"reserved", "reserved", "reserved", "reserved",
};
static const char *const g_modes[] = {
	"bare", "reserved", "reserved", "reserved", "reserved", "reserved", "reserved", "reserved", "Sv39x4", "Sv48x4", "Sv57x4",
	"reserved", "reserved", "reserved", "reserved", "reserved",
};
static const char *const modes32[] = { "bare", "Sv32" };
static const char *const g_modes32[] = { "bare", "Sv32x4" };
static const struct creg_bit satp[] = { WORD("MODE", 60, 4, modes), NUMBER("ASID", 44, 16), NUMBER("PPN", 0, 44) };
static const struct creg_bit satp32[] = { WORD("MODE", 31, 1, modes32), NUMBER("ASID", 22, 9), NUMBER("PPN", 0, 22) };
static const struct creg_bit hgatp[] = { WORD("MODE", 60, 4, g_modes), NUMBER("VMID", 44, 14), NUMBER("PPN", 0, 44) };
static const struct creg_bit hgatp32[] = { WORD("MODE", 31, 1, g_modes32), NUMBER("VMID", 22, 7), NUMBER("PPN", 0, 22) };

static const struct creg registers[] = { REG("SSTATUS", 16, sstatus), REG("SATP", 16, satp), { 0 } };
static const struct creg registers32[] = { REG("SSTATUS", 8, sstatus32), REG("SATP", 8, satp32), { 0 } };
static const struct creg g_registers[] = { REG("HSTATUS", 16, hstatus), REG("HGATP", 16, hgatp), { 0 } };
static const struct creg g_registers32[] = { REG("HSTATUS", 8, hstatus32), REG("HGATP", 8, hgatp32), { 0 } };

/* Linux's names of the levels; no port of the kernel prints an oops of this family. */
#define ENTRIES(digit_count) \
	.entries = { \
		.equals = "=", .join = ", ", .digits = (digit_count), .pointer_align = 1, .bad = "(bad)", \
		.name = { "pte", "pmd", "pud", "p4d", "pgd" }, \
	}
#define LEVELS { "L0", "L1", "L2", "L3", "L4" }
#define FAMILY .put_code = riscv_put_code, .pc = "pc", .sp = "sp", .mode_words = { "X", "W", "U", "SUM" }
#define FIRST  .check_access = riscv_check_access, .encode = riscv_encode, .root = "satp", .control = "sstatus", FAMILY
#define SECOND .check_access = riscv_g_check_access, .encode = riscv_g_encode, .root = "hgatp", .control = "hstatus", FAMILY

const struct isa isa_riscv32 = {
	FIRST, .registers = registers32, ENTRIES(8), .vtop = { "RiscvVtoP: ", "", true, true, LEVELS, false },
	.ptov = { "RiscvPtoV", ", Sv32." },
};
const struct isa isa_riscv64 = {
	FIRST, .registers = registers, .not_canonical = ", page fault", ENTRIES(16),
	.vtop = { "RiscvVtoP: ", "", true, false, LEVELS, false },
	.ptov = { "RiscvPtoV", "" },
};
const struct isa isa_riscv32_g = {
	SECOND, .registers = g_registers32, ENTRIES(8), .vtop = { "RiscvGtoP: ", "", true, false, LEVELS, true },
	.ptov = { "RiscvPtoG", ", Sv32x4." },
};
const struct isa isa_riscv64_g = {
	SECOND, .registers = g_registers, ENTRIES(16), .vtop = { "RiscvGtoP: ", "", true, false, LEVELS, true },
	.ptov = { "RiscvPtoG", "" },
};
