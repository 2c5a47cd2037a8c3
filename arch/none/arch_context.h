/* arch/none/arch_context.h - where a system call's number comes in and its result goes: the inline part of arch/context.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/none/frame.h"

static inline uintptr_t arch_syscall_number(const struct trap_frame *f)
{
	return f->r[0];
}

static inline void arch_syscall_return(struct trap_frame *f, uintptr_t value)
{
	f->r[0] = value;
}
