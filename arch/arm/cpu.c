/* arch/arm/cpu.c - waiting, the counter, control words.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "hw/arm/cp15.h"

void arch_wait(void)
{
	/* WFI also wakes for a masked interrupt, so no interrupt is lost between the test for work and the sleep. The ISB makes
	 * the CPU take it before interrupts are masked again (B1.8.13). DSB: all stores are complete before the CPU sleeps. */
	__asm__ volatile("dsb\n\twfi\n\tcpsie i\n\tisb\n\tcpsid i" ::: "memory");
}

uint64_t arch_ticks(void)
{
	return read_cntvct();
}

_Noreturn void arch_stop(void)
{
	for (;;)
		__asm__ volatile("cpsid i\n\twfi");
}

void arch_control_words(uint64_t ctl[4])
{
	arm_control_words(ctl);
}
