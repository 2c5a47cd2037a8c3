/* arch/none/arch_trap.h - what a trap was, from its frame: the inline part of arch/trap.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/none/frame.h"

static inline enum trap_kind arch_trap_kind(const struct trap_frame *f)
{
	return (enum trap_kind)f->kind;
}

static inline bool arch_frame_from_user(const struct trap_frame *f)
{
	return f->flags & FRAME_USER;
}

static inline bool arch_frame_irqs_on(const struct trap_frame *f)
{
	return f->flags & FRAME_IRQS;
}

static inline vaddr_t arch_frame_pc(const struct trap_frame *f)
{
	return f->pc;
}

/* A port takes the address from the CPU's register before anything else can fault. */
static inline void arch_decode_fault(const struct trap_frame *f, struct fault *fault)
{
	*fault = (struct fault){
		.va = f->address, .pc = f->pc, .code = (uint32_t)f->code, .from_user = arch_frame_from_user(f),
		.access = f->code & CODE_WRITE ? ACCESS_WRITE : f->code & CODE_FETCH ? ACCESS_EXECUTE : ACCESS_READ,
		.present = f->code & CODE_PRESENT,
	};
}
