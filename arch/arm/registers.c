/* arch/arm/registers.c - registers by name, and the register part of an oops in Linux's words.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "arch/trap.h"
#include "hw/arm/cp15.h"
#include "lib/string.h"

static uint64_t in_frame(const struct trap_frame *f, const struct arch_reg *reg)
{
	uint32_t v;

	memcpy(&v, (const char *)f + reg->offset, sizeof(v));
	return v;
}

#define CONTROL(name) \
	static uint64_t get_##name(const struct trap_frame *f, const struct arch_reg *reg) \
	{ (void)f; (void)reg; return read_##name(); }

CONTROL(sctlr)
CONTROL(actlr)
CONTROL(ttbcr)
CONTROL(dacr)
CONTROL(prrr)
CONTROL(nmrr)
CONTROL(vbar)
CONTROL(contextidr)
CONTROL(dfsr)
CONTROL(dfar)
CONTROL(ifsr)
CONTROL(ifar)
CONTROL(midr)

static uint64_t get_ttbr0(const struct trap_frame *f, const struct arch_reg *reg)
{
	(void)f;
	(void)reg;
	return arm_long_format() ? read_ttbr0_64() : read_ttbr0();
}

static uint64_t get_ttbr1(const struct trap_frame *f, const struct arch_reg *reg)
{
	(void)f;
	(void)reg;
	return arm_long_format() ? read_ttbr1_64() : read_ttbr1();
}

static uint64_t get_par(const struct trap_frame *f, const struct arch_reg *reg)
{
	(void)f;
	(void)reg;
	return arm_long_format() ? read_par_64() : read_par();
}

static bool short_format(void)
{
	return !arm_long_format();
}

#define FRAME(name, field) { name, 32, false, in_frame, NULL, offsetof(struct trap_frame, field) }
#define LIVE(name) { #name, 32, true, get_##name, NULL, 0 }

const struct arch_reg arch_regs[] = {
	FRAME("r0", r[0]), FRAME("r1", r[1]), FRAME("r2", r[2]), FRAME("r3", r[3]), FRAME("r4", r[4]),
	FRAME("r5", r[5]), FRAME("r6", r[6]), FRAME("r7", r[7]), FRAME("r8", r[8]), FRAME("r9", r[9]),
	FRAME("r10", r[10]), FRAME("r11", r[11]), FRAME("r12", r[12]), FRAME("sp", sp), FRAME("lr", lr),
	FRAME("pc", pc), FRAME("psr", psr),
	{ "dac", 32, false, in_frame, short_format, offsetof(struct trap_frame, uaccess) }, LIVE(sctlr),
	{ "ttbr0", 64, true, get_ttbr0, arm_long_format, 0 }, { "ttbr0", 32, true, get_ttbr0, short_format, 0 },
	{ "ttbr1", 64, true, get_ttbr1, arm_long_format, 0 }, LIVE(ttbcr), LIVE(dacr),
	{ "mair0", 32, true, get_prrr, arm_long_format, 0 }, { "mair1", 32, true, get_nmrr, arm_long_format, 0 },
	LIVE(contextidr), LIVE(vbar), LIVE(dfsr), LIVE(dfar), LIVE(ifsr), LIVE(ifar),
	{ "par", 64, true, get_par, arm_long_format, 0 }, { "par", 32, true, get_par, short_format, 0 },
	LIVE(actlr), LIVE(midr),
	{ 0 },
};

static const char *mode_name(uint32_t psr)
{
	static const char *const names[PSR_MODE_MASK + 1] = {
		[PSR_USR] = "USER_32", [PSR_FIQ] = "FIQ_32", [PSR_IRQ] = "IRQ_32", [PSR_SVC] = "SVC_32",
		[PSR_ABT] = "ABT_32", [PSR_HYP] = "HYP_32", [PSR_UND] = "UND_32", [PSR_SYS] = "SYS_32",
	};
	const char *name = names[psr & PSR_MODE_MASK];

	return name ? name : "UK_32";
}

static void put_flags(struct out *out, uint32_t psr)
{
	static const char *const isa[] = { "ARM", "Thumb", "Jazelle", "ThumbEE" };
	char flags[] = "nzcv";

	for (unsigned i = 0; i < 4; i++)
		if (psr >> (31 - i) & 1)
			flags[i] = (char)(flags[i] - 'a' + 'A');
	/* Segment: where a system call's pointers may point; here always below the kernel. */
	out_printf(out, "Flags: %s  IRQs o%s  FIQs o%s  Mode %s  ISA %s  Segment user\n", flags,
	           psr & PSR_I ? "ff" : "n", psr & PSR_F ? "ff" : "n", mode_name(psr),
	           isa[(psr & PSR_T ? 1 : 0) | (psr & PSR_J ? 2 : 0)]);
}

void arch_oops_render(struct out *out, const struct trap_frame *f)
{
	const uint32_t *r = f->r;

	out_printf(out, "pc : [<%08x>]    lr : [<%08x>]    psr: %08x\n", (unsigned)f->pc, (unsigned)f->lr,
	           (unsigned)f->psr);
	out_printf(out, "sp : %08x  ip : %08x  fp : %08x\n", (unsigned)f->sp, (unsigned)r[12], (unsigned)r[11]);
	out_printf(out, "r10: %08x  r9 : %08x  r8 : %08x\n", (unsigned)r[10], (unsigned)r[9], (unsigned)r[8]);
	out_printf(out, "r7 : %08x  r6 : %08x  r5 : %08x  r4 : %08x\n", (unsigned)r[7], (unsigned)r[6], (unsigned)r[5],
	           (unsigned)r[4]);
	out_printf(out, "r3 : %08x  r2 : %08x  r1 : %08x  r0 : %08x\n", (unsigned)r[3], (unsigned)r[2], (unsigned)r[1],
	           (unsigned)r[0]);
	put_flags(out, f->psr);
	out_printf(out, "Control: %08x  Table: %08x  DAC: %08x\n", (unsigned)read_sctlr(), (unsigned)read_ttbr0(),
	           (unsigned)(arm_long_format() ? read_dacr() : f->uaccess));
	if (f->vector == VECTOR_STACK)
		out_printf(out, "The abort was at address %08x; sp names no memory to save registers in.\n",
		           (unsigned)f->far);
}
