/* arch/arm/cpu.c - waiting, the counter, control words.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "hw/arm/cp15.h"

void arch_wait(void)
{
	/* WFI wakes for an interrupt that is masked, too, so none fits between finding nothing to do and sleeping;
	 * the ISB has it taken before it is masked again (B1.8.13). DSB: no store stays behind while the CPU sleeps. */
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
