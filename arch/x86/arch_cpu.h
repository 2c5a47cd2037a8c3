/* arch/x86/arch_cpu.h - interrupt state: the inline part of arch/cpu.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "hw/x86/regs.h"

static inline uintptr_t x86_flags(void)
{
	uintptr_t flags;

	__asm__ volatile("pushf; pop %0" : "=r"(flags) :: "memory");
	return flags;
}

static inline bool arch_irqs_on(void)
{
	return x86_flags() & EFLAGS_IF;
}

static inline void arch_irqs_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static inline irq_state_t arch_irq_save(void)
{
	irq_state_t state = x86_flags() & EFLAGS_IF;

	arch_irqs_disable();
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

/* Stores are not reordered with stores, nor loads with loads (SDM vol. 3A 8.2.2), and OUT completes after all earlier stores: only
 * the compiler could reorder. */
static inline void arch_dma_barrier(void)
{
	__asm__ volatile("" ::: "memory");
}
