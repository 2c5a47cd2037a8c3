/* arch/arm/arch_trap.h - what a trap was, from its frame: the inline part of arch/trap.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/arm/frame.h"
#include "hw/arm/regs.h"

/* arch/arm/trap.c: kind by vector; for an abort, by its status. */
enum trap_kind arm_trap_kind(const struct trap_frame *f);
bool arm_fault_present(const struct trap_frame *f);

static inline enum trap_kind arch_trap_kind(const struct trap_frame *f)
{
	return arm_trap_kind(f);
}

static inline bool arch_frame_from_user(const struct trap_frame *f)
{
	return (f->psr & PSR_MODE_MASK) == PSR_USR;
}

static inline bool arch_frame_irqs_on(const struct trap_frame *f)
{
	return !(f->psr & PSR_I);
}

/* An instruction that arch_probe() calls aborts at its own address; the one with the fix-up is the call. */
static inline vaddr_t arch_frame_pc(const struct trap_frame *f)
{
	return f->vector == VECTOR_PREFETCH && f->pc == arm_probe_target ? (vaddr_t)arm_probe_call : f->pc;
}

static inline void arch_decode_fault(const struct trap_frame *f, struct fault *fault)
{
	bool fetch = f->vector == VECTOR_PREFETCH;

	*fault = (struct fault){
		.va = f->far, .pc = f->pc, .code = f->fsr, .from_user = arch_frame_from_user(f),
		.access = fetch ? ACCESS_EXECUTE : f->fsr & DFSR_WNR ? ACCESS_WRITE : ACCESS_READ,
		.present = arm_fault_present(f),
	};
}
