/* arch/arm/timer.c - the generic timer's virtual half: an interrupt so many times a second.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/trap.h"
#include "hw/arm/cp15.h"
#include "hw/arm/virt_regs.h"

static void (*user)(void *ctx);
static void *user_ctx;
static uint64_t period, next;

static void interrupt(void *ctx)
{
	uint64_t now = read_cntvct();

	(void)ctx;
	/* The next tick is computed from the due time of this one, so that the rate does not drift. Missed ticks are lost. */
	next += period;
	if (next <= now)
		next = now + period;
	write_cntv_cval(next);
	isb();        /* the interrupt line is low before the end of interrupt is written */
	user(user_ctx);
}

void arch_timer_start(unsigned hz, void (*fn)(void *ctx), void *ctx)
{
	user = fn;
	user_ctx = ctx;
	period = read_cntfrq() / hz;
	next = read_cntvct() + period;
	write_cntv_cval(next);
	write_cntv_ctl(TIMER_ENABLE);
	isb();
	arch_irq_register(VIRTUAL_TIMER_IRQ, interrupt, NULL);
}
