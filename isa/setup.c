/* isa/setup.c - what register values of another machine say of its paging mode.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3A 4.1.1 and 4.1.2 (which mode is on), 2.5; ARM DDI 0406C B4.1.130 (SCTLR), B4.1.153 (TTBCR); DDI 0487 D19.2
 * (SCTLR_EL1).
 */
#include "isa/setup.h"

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
		s->format(s->ctx, &pt_a64, "tcr");
		return;
	}
	if (!s->reg(s->ctx, "ttbcr", &value) || value >> 32)
		return;
	s->format(s->ctx, value & EAE ? &pt_lpae : &pt_short, "ttbcr");
	for (size_t i = 0; i < ARRAY_LEN(arm_bits); i++)
		if (s->reg(s->ctx, arm_bits[i].reg, &value))
			s->say(s->ctx, arm_bits[i].setting, value >> arm_bits[i].bit & 1, arm_bits[i].reg);
}

void isa_setup(const struct isa_setup *s)
{
	static const char *const roots[] = { "cr3", "ttbr0" };
	uint64_t value;

	x86_format(s);
	arm_format(s);
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (s->reg(s->ctx, bits[i].reg, &value))
			s->say(s->ctx, bits[i].setting, value >> bits[i].bit & 1, bits[i].reg);
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (s->reg(s->ctx, roots[i], &value))
			s->say(s->ctx, "root", value, roots[i]);
}
