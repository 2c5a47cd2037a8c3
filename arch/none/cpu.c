/* arch/none/cpu.c - waiting, time and the end.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/none/none.h"

bool none_irqs;

/* A port enables interrupts and sleeps in one step, or in two that no interrupt fits between. */
void arch_wait(void)
{
	arch_irqs_enable();
	arch_irqs_disable();
}

/* 0 always: there is no counter. */
uint64_t arch_ticks(void)
{
	return 0;
}

void arch_timer_start(unsigned hz, void (*fn)(void *ctx), void *ctx)
{
	(void)hz;
	(void)fn;
	(void)ctx;
}

void arch_user_state_init(void)
{
}

_Noreturn void arch_stop(void)
{
	for (;;)
		arch_irqs_disable();
}

_Noreturn void arch_poweroff(bool failed)
{
	(void)failed;
	arch_stop();
}

_Noreturn void arch_reboot(void)
{
	arch_stop();
}

void arch_control_words(uint64_t ctl[4])
{
	ctl[0] = ctl[1] = ctl[2] = ctl[3] = 0;
}
