/* arch/arm/armv7/user/hostile.h - what a hostile program can try on ARM; rows of hostile's table, a register of its own.
 * SPDX-License-Identifier: MIT
 *
 * Outcomes are those of DDI 0406C at PL0. What it calls UNPREDICTABLE may do either, but nothing else.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define HOSTILE_CLOBBERS "r0", "r1", "r2", "r3", "r7", "r12", "lr", "memory", "cc"

/* User mode, IRQs on, asynchronous aborts and FIQs as they were: masked. */
static inline bool user_state_is_sane(void)
{
	uint32_t psr;

	__asm__ volatile("mrs %0, cpsr" : "=r"(psr));
	return (psr & 0x1F) == 0x10 && !(psr & 0x80);
}

/* A series beside the rows: each encoding of MRC and MCR with cp15 and cp14. What user mode may use (DDI 0406C B3.15.3,
 * B8.1.1, C11.3): TPIDRURW, TPIDRURO, the barriers, the counter's frequency, PMUSERENR to read, and what QEMU shows of the debug
 * registers. Bits of n: op2, CRm, CRn, op1, write, cp14. */
#define HOSTILE_SERIES (1u << 16)
#define HOSTILE_SERIES_NAME "cp"

static inline bool user_may(unsigned n)
{
	/* cp14, write, op1, CRn, CRm, op2 as hexadecimal digits of one number. */
	static const uint32_t allowed[] = {
		0x000D02, 0x010D02, 0x000D03, 0x010754, 0x0107A4, 0x0107A5, 0x000E00, 0x0009E0,
	};
	uint32_t key = (n >> 15 & 1) << 20 | (n >> 14 & 1) << 16 | (n >> 11 & 7) << 12 | (n >> 7 & 15) << 8 | (n >> 3 & 15) << 4 |
	               (n & 7);

	for (unsigned i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i] == key)
			return true;
	return false;
}

static inline enum outcome hostile_series(unsigned n, unsigned char *code)
{
	uint32_t *word = (uint32_t *)(uintptr_t)code;
	bool reads_debug = n >> 15 & 1 && !(n >> 14 & 1);

	word[0] = 0xE3A00000;           /* mov r0, #0 */
	word[1] = 0xEE000010 | (n >> 14 & 1 ? 0 : 1u << 20) | (n >> 11 & 7) << 21 | (n >> 7 & 15) << 16 |
	          (n >> 15 & 1 ? 14u : 15u) << 8 | (n & 7) << 5 | (n >> 3 & 15);
	word[2] = 0xE12FFF1E;           /* bx lr */
	return user_may(n) ? LIVES : reads_debug ? EITHER : DIES;
}

static inline void arch_hostile_prepare(void)
{
}

#define READ(cp, op1, crn, crm, op2)  "mrc " #cp ", " #op1 ", r0, " #crn ", " #crm ", " #op2
#define WRITE(cp, op1, crn, crm, op2) "mvn r0, #0; mcr " #cp ", " #op1 ", r0, " #crn ", " #crm ", " #op2

#define HOSTILE_SYSTEM(X) \
	X("read-sctlr", DIES, READ(p15, 0, c1, c0, 0)) X("write-sctlr", DIES, WRITE(p15, 0, c1, c0, 0)) \
	X("write-actlr", DIES, WRITE(p15, 0, c1, c0, 1)) X("write-cpacr", DIES, WRITE(p15, 0, c1, c0, 2)) \
	X("write-ttbr0", DIES, WRITE(p15, 0, c2, c0, 0)) X("write-ttbr1", DIES, WRITE(p15, 0, c2, c0, 1)) \
	X("write-ttbcr", DIES, WRITE(p15, 0, c2, c0, 2)) X("write-dacr", DIES, WRITE(p15, 0, c3, c0, 0)) \
	X("read-dfar", DIES, READ(p15, 0, c6, c0, 0)) X("read-midr", DIES, READ(p15, 0, c0, c0, 0)) \
	X("read-par", DIES, READ(p15, 0, c7, c4, 0)) X("ats1cpr", DIES, WRITE(p15, 0, c7, c8, 0)) \
	X("iciallu", DIES, WRITE(p15, 0, c7, c5, 0)) X("dccimvac", DIES, WRITE(p15, 0, c7, c14, 1)) \
	X("tlbiall", DIES, WRITE(p15, 0, c8, c7, 0)) X("write-vbar", DIES, WRITE(p15, 0, c12, c0, 0)) \
	X("contextidr", DIES, WRITE(p15, 0, c13, c0, 1)) X("write-tpidruro", DIES, WRITE(p15, 0, c13, c0, 3)) \
	X("read-tpidrprw", DIES, READ(p15, 0, c13, c0, 4)) X("cntkctl", DIES, WRITE(p15, 0, c14, c1, 0)) \
	X("cntv-ctl", DIES, WRITE(p15, 0, c14, c3, 1)) X("cntp-ctl", DIES, WRITE(p15, 0, c14, c2, 1)) \
	X("cntpct", DIES, "mrrc p15, 0, r0, r1, c14") X("cntv-cval", DIES, "mrrc p15, 3, r0, r1, c14") \
	X("pmcr", DIES, WRITE(p15, 0, c9, c12, 0)) X("pmccntr", DIES, READ(p15, 0, c9, c13, 0)) \
	X("pmswinc", DIES, WRITE(p15, 0, c9, c12, 4)) X("write-pmuserenr", DIES, WRITE(p15, 0, c9, c14, 0)) \
	X("read-pmuserenr", EITHER, READ(p15, 0, c9, c14, 0)) X("read-tpidruro", LIVES, READ(p15, 0, c13, c0, 3)) \
	X("cp15-barriers", LIVES, "mov r0, #0; mcr p15, 0, r0, c7, c5, 4; mcr p15, 0, r0, c7, c10, 4; mcr p15, 0, r0, c7, c10, 5") \
	X("cdp-p15", DIES, ".inst 0xEE000F00") X("mcrr-ttbr0", DIES, "mcrr p15, 0, r0, r0, c2")

/* cp14: debug, ThumbEE, Jazelle. QEMU has no DBGDSCR.UDCCdis and shows the debug registers of user mode as zero. */
#define HOSTILE_DEBUG(X) \
	X("teecr", DIES, WRITE(p14, 6, c0, c0, 0)) X("read-teehbr", DIES, READ(p14, 6, c1, c0, 0)) \
	X("write-teehbr", DIES, WRITE(p14, 6, c1, c0, 0)) X("dbgdscrext", DIES, WRITE(p14, 0, c0, c2, 2)) \
	X("dbgbvr0", DIES, WRITE(p14, 0, c0, c0, 4)) X("dbgoslar", DIES, WRITE(p14, 0, c1, c0, 4)) \
	X("dbgdtrtx", DIES, WRITE(p14, 0, c0, c5, 0)) X("dbgdscrint", EITHER, READ(p14, 0, c0, c1, 0)) \
	X("dbgdrar", EITHER, READ(p14, 0, c1, c0, 0)) X("jidr", EITHER, READ(p14, 7, c0, c0, 0)) \
	X("joscr", EITHER, READ(p14, 7, c1, c0, 0)) X("jmcr", EITHER, WRITE(p14, 7, c2, c0, 0)) \
	X("trace", DIES, READ(p14, 1, c0, c0, 0)) X("ldc-p14", EITHER, ".inst 0xED9D5E00") \
	X("bkpt", DIES, "bkpt #0") X("hlt", DIES, ".inst 0xE1000070")

#define HOSTILE_FLOATING(X) \
	X("vadd", DIES, ".inst 0xEE300A00") X("vmrs-fpscr", DIES, ".inst 0xEEF10A10") X("vmrs-fpsid", DIES, ".inst 0xEEF00A10") \
	X("vmsr-fpexc", DIES, ".inst 0xEEE80A10") X("neon", DIES, ".inst 0xF2000D40") X("vldr", DIES, ".inst 0xED9D0A00")

#define THUMB "adr r0, 1f; orr r0, r0, #1; bx r0; .thumb; .balign 4; 1: nop; "

#define HOSTILE_MODES(X) \
	X("svc-odd", LIVES, "mov r7, #6; svc #0xABCDEF") X("svc-semihosting", LIVES, "mov r7, #6; mov r0, #0x18; svc #0x123456") \
	X("smc", DIES, ".inst 0xE1600070") X("hvc", DIES, ".inst 0xE1400070") X("eret", DIES, ".inst 0xE160006E") \
	X("cps-svc", LIVES, ".inst 0xF1020013") X("cpsid", LIVES, ".inst 0xF10C01C0") \
	X("msr-mode", LIVES, "mov r0, #0xD3; msr cpsr_c, r0") X("msr-all", LIVES, "mov r0, #0xD3; msr cpsr_fsxc, r0") \
	X("read-spsr", EITHER, "mrs r0, spsr") X("write-spsr", EITHER, "mov r0, #0x13; msr spsr_fsxc, r0") \
	X("read-sp-svc", EITHER, ".inst 0xE1030300") X("read-spsr-abt", EITHER, ".inst 0xE1440300") \
	X("write-lr-irq", EITHER, ".inst 0xE120F300") X("rfe", EITHER, "adr r0, 1f; mov r1, #0x13; push {r0, r1}; rfeia sp!; 1:") \
	X("srs", DIES, ".inst 0xF96D0513") X("ldm-user", EITHER, "push {r0-r3}; ldm sp, {r0-r3}^; nop; add sp, sp, #16") \
	X("return-to-spsr", EITHER, "adr lr, 1f; movs pc, lr; 1:") \
	X("setend", LIVES, "setend be; mov r7, #6; svc #0; setend le") X("bxj", LIVES, "adr r0, 1f; bxj r0; 1:") \
	X("wfi", LIVES, "wfi") X("wfe", LIVES, "sev; wfe") X("clrex", LIVES, "clrex") X("udf", DIES, "udf #0") \
	X("undefined-narrow", DIES, THUMB "undefined_narrow: .inst.n 0xDE00; .arm") \
	X("undefined-wide", DIES, THUMB "undefined_wide: .inst.w 0xF7F0A000; .arm") \
	X("pc-between", DIES, "adr r0, 1f; add r0, r0, #2; bx r0; 1: nop; nop") \
	X("pc-kernel-thumb", DIES, "mvn r0, #0; bx r0") \
	X("strt-kernel", DIES, "mov r0, #0xC0000000; strt r0, [r0]") \
	X("call-without-stack", LIVES, "mov r12, sp; mov sp, #0; mov r7, #6; svc #0; mov sp, r12") \
	X("call-with-odd-stack", LIVES, "mov r12, sp; mvn sp, #2; mov r7, #6; svc #0; mov sp, r12")

#define ARCH_HOSTILE(X) HOSTILE_SYSTEM(X) HOSTILE_DEBUG(X) HOSTILE_FLOATING(X) HOSTILE_MODES(X)

/* TPIDRURW; 0: what a new program has. */
static inline void own_registers_set(unsigned n)
{
	__asm__ volatile("mcr p15, 0, %0, c13, c0, 2" :: "r"(n));
}

static inline unsigned own_registers(void)
{
	unsigned n;

	__asm__ volatile("mrc p15, 0, %0, c13, c0, 2" : "=r"(n));
	return n;
}
