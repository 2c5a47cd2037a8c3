/* hw/arm/cp15.h - the system control coprocessor: accessors of its registers, barriers, CPSR.
 * SPDX-License-Identifier: MIT
 *
 * Each function is one instruction; the caller adds barriers.
 */
#pragma once
#include "hw/arm/regs.h"
#include <stdint.h>

#define COPROCESSOR_REGISTER(cp, name, crn, op1, crm, op2) \
	static inline uint32_t read_##name(void) \
	{ \
		uint32_t v; \
		__asm__ volatile("mrc " #cp ", " #op1 ", %0, " #crn ", " #crm ", " #op2 : "=r"(v)); \
		return v; \
	} \
	static inline void write_##name(uint32_t v) \
	{ \
		__asm__ volatile("mcr " #cp ", " #op1 ", %0, " #crn ", " #crm ", " #op2 :: "r"(v) : "memory"); \
	}
#define CP15_REGISTER(name, crn, op1, crm, op2) COPROCESSOR_REGISTER(p15, name, crn, op1, crm, op2)
#define CP14_REGISTER(name, crn, op1, crm, op2) COPROCESSOR_REGISTER(p14, name, crn, op1, crm, op2)
/* An operation: the value written is its argument. */
#define CP15_OPERATION(name, crn, op1, crm, op2) \
	static inline void name(uint32_t v) \
	{ \
		__asm__ volatile("mcr p15, " #op1 ", %0, " #crn ", " #crm ", " #op2 :: "r"(v) : "memory"); \
	}

CP15_REGISTER(sctlr, c1, 0, c0, 0)
CP15_REGISTER(actlr, c1, 0, c0, 1)
CP15_REGISTER(ttbr0, c2, 0, c0, 0)
CP15_REGISTER(ttbr1, c2, 0, c0, 1)
CP15_REGISTER(ttbcr, c2, 0, c0, 2)
CP15_REGISTER(dacr, c3, 0, c0, 0)
CP15_REGISTER(dfsr, c5, 0, c0, 0)
CP15_REGISTER(ifsr, c5, 0, c0, 1)
CP15_REGISTER(dfar, c6, 0, c0, 0)
CP15_REGISTER(ifar, c6, 0, c0, 2)
CP15_REGISTER(par, c7, 0, c4, 0)
CP15_REGISTER(prrr, c10, 0, c2, 0)   /* MAIR0 with EAE */
CP15_REGISTER(nmrr, c10, 0, c2, 1)   /* MAIR1 with EAE */
CP15_REGISTER(vbar, c12, 0, c0, 0)
CP15_REGISTER(contextidr, c13, 0, c0, 1)
CP15_REGISTER(tpidrurw, c13, 0, c0, 2)   /* thread register that user mode can write */
CP15_REGISTER(tpidruro, c13, 0, c0, 3)   /* thread register that user mode can read */
CP15_REGISTER(cpacr, c1, 0, c0, 2)
CP15_REGISTER(pmuserenr, c9, 0, c14, 0)
CP15_REGISTER(pfr0, c0, 0, c1, 0)
CP15_REGISTER(dfr0, c0, 0, c1, 2)
CP15_REGISTER(ctr, c0, 0, c0, 1)
CP15_REGISTER(midr, c0, 0, c0, 0)
CP15_REGISTER(mmfr0, c0, 0, c1, 4)
CP15_REGISTER(mpidr, c0, 0, c0, 5)
CP15_REGISTER(pfr1, c0, 0, c1, 1)
/* CPU interface of a GICv3, IHI 0069 8.3 */
CP15_REGISTER(icc_pmr, c4, 0, c6, 0)
CP15_REGISTER(icc_iar1, c12, 0, c12, 0)
CP15_REGISTER(icc_eoir1, c12, 0, c12, 1)
CP15_REGISTER(icc_ctlr, c12, 0, c12, 4)
CP15_REGISTER(icc_sre, c12, 0, c12, 5)
CP15_REGISTER(icc_igrpen1, c12, 0, c12, 7)
CP15_REGISTER(cntfrq, c14, 0, c0, 0)
CP15_REGISTER(cntkctl, c14, 0, c1, 0)
CP15_REGISTER(cntv_ctl, c14, 0, c3, 1)

CP14_REGISTER(teecr, c0, 6, c0, 0)
CP14_REGISTER(dbgdscrext, c0, 0, c2, 2)

CP15_OPERATION(iciallu, c7, 0, c5, 0)     /* instruction caches, all */
CP15_OPERATION(bpiall, c7, 0, c5, 6)      /* branch predictor, all */
CP15_OPERATION(dccmvac, c7, 0, c10, 1)    /* clean a data line to the point of coherency */
CP15_OPERATION(dccimvac, c7, 0, c14, 1)   /* clean and invalidate it */
CP15_OPERATION(dccmvau, c7, 0, c11, 1)    /* clean it to the point of unification */
CP15_OPERATION(ats1cpr, c7, 0, c8, 0)     /* address translation as for a kernel read, a kernel write, */
CP15_OPERATION(ats1cpw, c7, 0, c8, 1)
CP15_OPERATION(ats1cur, c7, 0, c8, 2)     /* a user read, a user write */
CP15_OPERATION(ats1cuw, c7, 0, c8, 3)
CP15_OPERATION(tlbiall, c8, 0, c7, 0)
CP15_OPERATION(tlbiasid, c8, 0, c7, 2)
CP15_OPERATION(tlbimvaa, c8, 0, c7, 3)    /* one page, of any ASID */

#define CP15_REGISTER64(name, crm, op1) \
	static inline uint64_t read_##name(void) \
	{ \
		uint32_t low, high; \
		__asm__ volatile("mrrc p15, " #op1 ", %0, %1, " #crm : "=r"(low), "=r"(high)); \
		return (uint64_t)high << 32 | low; \
	} \
	static inline void write_##name(uint64_t v) \
	{ \
		__asm__ volatile("mcrr p15, " #op1 ", %0, %1, " #crm \
		                 :: "r"((uint32_t)v), "r"((uint32_t)(v >> 32)) : "memory"); \
	}
CP15_REGISTER64(ttbr0_64, c2, 0)
CP15_REGISTER64(ttbr1_64, c2, 1)
CP15_REGISTER64(par_64, c7, 0)
CP15_REGISTER64(cntv_cval, c14, 3)

static inline uint64_t read_cntvct(void)
{
	uint32_t low, high;

	/* The CPU may read the counter before earlier instructions; the barrier prevents that (B8.1.2). */
	__asm__ volatile("isb\n\tmrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high) :: "memory");
	return (uint64_t)high << 32 | low;
}

static inline void isb(void) { __asm__ volatile("isb" ::: "memory"); }
static inline void dsb(void) { __asm__ volatile("dsb" ::: "memory"); }
static inline void dmb(void) { __asm__ volatile("dmb" ::: "memory"); }

static inline uint32_t read_cpsr(void)
{
	uint32_t v;

	__asm__ volatile("mrs %0, cpsr" : "=r"(v));
	return v;
}

/* The control words of struct boot_step. TTBR0 has 64 bits if EAE is set. */
static inline void arm_control_words(uint64_t ctl[4])
{
	ctl[0] = read_sctlr();
	ctl[2] = read_ttbcr();
	ctl[1] = ctl[2] & TTBCR_EAE ? read_ttbr0_64() : read_ttbr0();
	ctl[3] = read_dacr();
}
