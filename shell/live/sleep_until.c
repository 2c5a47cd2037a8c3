/* shell/live/sleep_until.c - a command sleeps while programs run.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/sleep_until.h"
#include "arch/cpu.h"
#include "kernel/proc.h"

/* Nothing wakes this queue but the timer. */
static struct wait_queue until_tick = { LIST_INIT(until_tick.sleepers) };

void sleep_until(uint64_t tick)
{
	irq_state_t irqs = arch_irq_save();

	if (sched_ticks() < tick)
		(void)sched_sleep_on(&until_tick, tick);
	arch_irq_restore(irqs);
}
