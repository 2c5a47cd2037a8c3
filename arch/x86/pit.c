/* arch/x86/pit.c - the 8254 timer, channel 0: so many interrupts a second.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/x86/x86.h"
#include "hw/x86/io.h"

#define PIT_HZ 1193182u
#define PIT_MAX_DIVISOR 65536u   /* written as 0 */
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_RATE_BOTH_BYTES 0x34 /* channel 0, low then high byte, mode 2 */
#define TIMER_LINE 0

void arch_timer_start(unsigned hz, void (*fn)(void *ctx), void *ctx)
{
	unsigned divisor = hz ? PIT_HZ / hz : PIT_MAX_DIVISOR;

	if (divisor > PIT_MAX_DIVISOR)
		divisor = PIT_MAX_DIVISOR;
	if (divisor < 2)
		divisor = 2;
	outb(PIT_COMMAND, PIT_RATE_BOTH_BYTES);
	outb(PIT_CHANNEL0, (uint8_t)divisor);
	outb(PIT_CHANNEL0, (uint8_t)(divisor >> 8));
	arch_irq_register(TIMER_LINE, fn, ctx);
}
