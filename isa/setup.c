/* isa/setup.c - what register values of another machine say of its paging mode.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3A 4.1.1 and 4.1.2 (which mode is on), 2.5; ARM DDI 0406C B4.1.130 (SCTLR), B4.1.153 (TTBCR); DDI 0487 D19.2
 * (SCTLR_EL1, TCR_EL1); RISC-V Privileged Architecture 4.1.11 (satp), 8.2.10 (hgatp).
 */
#include "isa/setup.h"
#include "isa/arm.h"

#define CR4_PAE  (1ull << 5)
#define CR4_LA57 (1ull << 12)
#define EFER_LMA (1ull << 10)
#define EAE      (1ull << 31)

/* Bits that are a setting by themselves. "paging" 0: the MMU is off. */
static const struct { const char *reg; uint8_t bit; const char *setting; } bits[] = {
	{ "cr0", 31, "paging" }, { "cr0", 16, "wp" }, { "cr4", 4, "pse" }, { "cr4", 20, "smep" }, { "cr4", 21, "smap" },
	{ "efer", 11, "nx" }, { "sctlr", 0, "paging" },
};

/* As above, where the register is ARM's of 32 bits. */
static const struct { const char *reg; uint8_t bit; const char *setting; } arm_bits[] = {
	{ "sctlr", 29, "afe" }, { "sctlr", 28, "tre" },
};

/* CR4 alone does not tell PAE from the 64-bit modes, and EFER alone says only that it is one of those. */
static void x86_format(const struct isa_setup *s)
{
	uint64_t cr4 = 0, efer = 0;
	bool has_cr4 = s->reg(s->ctx, "cr4", &cr4), has_efer = s->reg(s->ctx, "efer", &efer);

	if (has_cr4 && !(cr4 & CR4_PAE))
		s->format(s->ctx, &pt_legacy, "cr4");
	else if (has_cr4 && has_efer && !(efer & EFER_LMA))
		s->format(s->ctx, &pt_pae, "efer");
	else if (has_cr4 && has_efer)
		s->format(s->ctx, cr4 & CR4_LA57 ? &pt_la57 : &pt_x64, "cr4");
}

static void arm_format(const struct isa_setup *s)
{
	uint64_t value;

	if (s->reg(s->ctx, "tcr", &value)) {
		const struct pt_format *f = arm64_format(value);

		/* A reserved granule is an error when the addresses are divided. */
		s->format(s->ctx, f ? f : &pt_a64, "tcr");
		return;
	}
	if (!s->reg(s->ctx, "ttbcr", &value) || value >> 32)
		return;
	s->format(s->ctx, value & EAE ? &pt_lpae : &pt_short, "ttbcr");
	for (size_t i = 0; i < ARRAY_LEN(arm_bits); i++)
		if (s->reg(s->ctx, arm_bits[i].reg, &value))
			s->say(s->ctx, arm_bits[i].setting, value >> arm_bits[i].bit & 1, arm_bits[i].reg);
}

/* satp and hgatp: the mode is in bits 63:60 above a frame number of 44 bits; on a CPU of 32 bits in bit 31 above 22 bits. */
static const struct pt_format *riscv_mode(uint64_t value, const struct pt_format *const by_mode[16],
                                          const struct pt_format *of_32, uint64_t *root)
{
	bool narrow = !(value >> 32);

	*root = (value & ((1ull << (narrow ? 22 : 44)) - 1)) << PAGE_SHIFT;
	if (narrow)
		return value >> 31 ? of_32 : NULL;
	return by_mode[value >> 60];
}

static void riscv_format(const struct isa_setup *s)
{
	static const struct pt_format *const first[16] = { [8] = &pt_sv39, [9] = &pt_sv48, [10] = &pt_sv57 };
	static const struct pt_format *const second[16] = { [8] = &pt_sv39x4, [9] = &pt_sv48x4, [10] = &pt_sv57x4 };
	const struct pt_format *f;
	uint64_t value, root;

	if (s->reg(s->ctx, "satp", &value)) {
		f = riscv_mode(value, first, &pt_sv32, &root);
		/* Bare: no translation. */
		s->say(s->ctx, "paging", f != NULL, "satp");
		s->say(s->ctx, "root", root, "satp");
		if (f)
			s->format(s->ctx, f, "satp");
	}
	if (s->reg(s->ctx, "hgatp", &value)) {
		f = riscv_mode(value, second, &pt_sv32x4, &root);
		if (f)
			s->second(s->ctx, f, root, "hgatp");
	}
}

void isa_setup(const struct isa_setup *s)
{
	static const char *const roots[] = { "cr3", "ttbr0" };
	uint64_t value;

	x86_format(s);
	arm_format(s);
	riscv_format(s);
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (s->reg(s->ctx, bits[i].reg, &value))
			s->say(s->ctx, bits[i].setting, value >> bits[i].bit & 1, bits[i].reg);
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (s->reg(s->ctx, roots[i], &value))
			s->say(s->ctx, "root", value, roots[i]);
}
