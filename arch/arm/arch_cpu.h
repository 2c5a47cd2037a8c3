/* arch/arm/arch_cpu.h - interrupt state: the inline part of arch/cpu.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "hw/arm/cp15.h"

static inline bool arch_irqs_on(void)
{
	return !(read_cpsr() & PSR_I);
}

static inline void arch_irqs_disable(void)
{
	__asm__ volatile("cpsid i" ::: "memory");
}

static inline irq_state_t arch_irq_save(void)
{
	irq_state_t state = arch_irqs_on();

	arch_irqs_disable();
	return state;
}

static inline void arch_irqs_enable(void)
{
	__asm__ volatile("cpsie i" ::: "memory");
}

static inline void arch_irq_restore(irq_state_t state)
{
	if (state)
		arch_irqs_enable();
}

/* A DSB: device registers and buffers have different memory types, between which there is no order (A3.8.3). */
static inline void arch_dma_barrier(void)
{
	dsb();
}
