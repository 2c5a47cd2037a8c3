/* arch/x86/arch_cpu.h - interrupt state: the inline part of arch/cpu.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/x86/regs.h"

static inline bool arch_irqs_on(void)
{
	uintptr_t flags;

	__asm__ volatile("pushf; pop %0" : "=r"(flags) :: "memory");
	return flags & EFLAGS_IF;
}

static inline irq_state_t arch_irq_save(void)
{
	irq_state_t state = arch_irqs_on();

	__asm__ volatile("cli" ::: "memory");
	return state;
}

static inline void arch_irqs_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

static inline void arch_irq_restore(irq_state_t state)
{
	if (state)
		arch_irqs_enable();
}
