/* tests/host/drivers/arch/arch_cpu.h - the inline part of arch/cpu.h for the host: a flag for the interrupts.
 * SPDX-License-Identifier: MIT
 */
#pragma once

extern bool host_irqs;

static inline irq_state_t arch_irq_save(void)
{
	irq_state_t was = host_irqs;

	host_irqs = false;
	return was;
}

static inline void arch_irq_restore(irq_state_t state)
{
	host_irqs = state;
}

static inline void arch_dma_barrier(void)
{
}
