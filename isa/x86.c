/* isa/x86.c - the rows of x86: two levels, PAE, and the 64-bit mode with four or five.
 * SPDX-License-Identifier: MIT
 *
 * Registers: Intel SDM vol. 3A 2.5 (CR0 to CR4), 2.2.1 (EFER).
 */
#include "isa/creg.h"
#include "isa/x86.h"

static const struct creg_bit cr0[] = {
	FLAG("PG", 31), FLAG("CD", 30), FLAG("NW", 29), FLAG("AC", 18), FLAG("WP", 16), FLAG("NE", 5), FLAG("ET", 4),
	FLAG("TS", 3), FLAG("EM", 2), FLAG("MP", 1), FLAG("PE", 0),
};
static const struct creg_bit cr2[] = { ADDRESS("LADDR", 0, 64) };
static const struct creg_bit cr3[] = { ADDRESS("BASE", 12, 40), FLAG("PCD", 4), FLAG("PWT", 3) };
static const struct creg_bit cr3_pae[] = { ADDRESS("BASE", 5, 27), FLAG("PCD", 4), FLAG("PWT", 3) };
static const struct creg_bit cr4[] = {
	FLAG("PKS", 24), FLAG("CET", 23), FLAG("PKE", 22), FLAG("SMAP", 21), FLAG("SMEP", 20),
	FLAG("OSXSAVE", 18), FLAG("PCID", 17), FLAG("FSGSBASE", 16), FLAG("SMX", 14), FLAG("VMX", 13),
	FLAG("LA57", 12), FLAG("UMIP", 11), FLAG("OSXMMEXCPT", 10), FLAG("OSFXSR", 9), FLAG("PCE", 8),
	FLAG("PGE", 7), FLAG("MCE", 6), FLAG("PAE", 5), FLAG("PSE", 4), FLAG("DE", 3), FLAG("TSD", 2),
	FLAG("PVI", 1), FLAG("VME", 0),
};
static const struct creg_bit efer[] = {
	FLAG("FFXSR", 14), FLAG("NXE", 11), FLAG("LMA", 10), FLAG("LME", 8), FLAG("SCE", 0),
};

static const struct creg registers[] = {
	REG("CR0", 8, cr0), REG("CR2", 16, cr2), REG("CR3", 12, cr3), REG("CR4", 8, cr4), REG("EFER", 8, efer), { 0 },
};
static const struct creg registers_pae[] = {
	REG("CR0", 8, cr0), REG("CR2", 16, cr2), REG("CR3", 12, cr3_pae), REG("CR4", 8, cr4), REG("EFER", 8, efer), { 0 },
};

#define FAMILY \
	.check_access = x86_check_access, .encode = x86_encode, .put_code = x86_put_code, .oops = x86_oops, \
	.user_trap = x86_user_trap, \
	.boot_words = { "cr0", "cr3", "cr4", "efer" }, .root = "cr3", .control = "cr0", \
	.mode_words = { "NX", "WP", "SMEP", "SMAP" }, .same_code = x86_same_code

const struct isa isa_x86 = {
	FAMILY, .pc = "eip", .sp = "esp", .registers = registers,
	.vtop = { "X86VtoP: ", "", true, true, { "PTE", "PDE" }, false },
	.ptov = { "X86PtoV", ", PAE disabled." },
	.entries = { .equals = " = ", .join = " ", .digits = 8, .pointer_align = 1, .bad = " BAD", .name = { "*pte", "*pde" } },
};

const struct isa isa_x86_pae = {
	FAMILY, .pc = "eip", .sp = "esp", .registers = registers_pae,
	.bad_root_entry = "a reserved bit is set: general protection fault at the next load of CR3, not in a walk",
	.vtop = { "X86VtoP: ", "PAE ", true, false, { "PTE", "PDE", "PDPE" }, false },
	.ptov = { "X86PtoV", ", PAE enabled." },
	.entries = {
		.equals = " = ", .join = " ", .digits = 16, .pointer_align = 1, .bad = " BAD",
		.name = { "*pte", "*pde", "*pdpt" },
	},
};

const struct isa isa_x86_64 = {
	FAMILY, .pc = "rip", .sp = "rsp", .registers = registers, .not_canonical = ", general protection fault",
	.vtop = { "Amd64VtoP: ", "", false, false, { "PTE", "PDE", "PDPE", "PML4E", "PML5E" }, false },
	.ptov = { "Amd64PtoV", "" },
	.entries = {
		.equals = " ", .join = " ", .digits = 1, .pointer_align = 1, .bad = " BAD",
		.name = { "PTE", "PMD", "PUD", "P4D", "PGD" },
	},
};
