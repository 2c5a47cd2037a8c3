/* arch/none/arch_cpu.h - interrupt state: the inline part of arch/cpu.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* A port reads and writes the CPU's own flag; the barrier keeps accesses inside the section. */
extern bool none_irqs;

static inline bool arch_irqs_on(void)
{
	return none_irqs;
}

static inline void arch_irqs_disable(void)
{
	none_irqs = false;
	__asm__ volatile("" ::: "memory");
}

static inline void arch_irqs_enable(void)
{
	__asm__ volatile("" ::: "memory");
	none_irqs = true;
}

static inline irq_state_t arch_irq_save(void)
{
	irq_state_t state = arch_irqs_on();

	arch_irqs_disable();
	return state;
}

static inline void arch_irq_restore(irq_state_t state)
{
	if (state)
		arch_irqs_enable();
}

/* A port orders device accesses as its CPU requires. */
static inline void arch_dma_barrier(void)
{
	__asm__ volatile("" ::: "memory");
}
