/* drivers/uart_pl011.c - the PL011 as the console's UART.
 * SPDX-License-Identifier: MIT
 *
 * The boot stage has set the line up (8N1, FIFOs on unless a byte was waiting) and mapped the registers. Rings and
 * waiting are console.c's.
 */
#include "arch/mmu.h"
#include "arch/trap.h"
#include "drivers/uart.h"
#include "hw/arm/virt_regs.h"
#include "hw/uart_pl011_regs.h"

static volatile uint32_t *reg(unsigned offset)
{
	return (volatile uint32_t *)(UART_VA + offset);
}

/* Nothing is cleared: an interrupt for a byte that waits already would not come again. */
static void init(void)
{
	*reg(PL011_IMSC) = 0;
}

static int get(void)
{
	uint32_t word;

	if (*reg(PL011_FR) & FR_RXFE)
		return -1;
	word = *reg(PL011_DR);
	return (int)(word & 0xFF) | (word & DR_OVERRUN ? UART_OVERRUN : 0);
}

static bool put(char c)
{
	if (*reg(PL011_FR) & FR_TXFF)
		return false;
	*reg(PL011_DR) = (uint8_t)c;
	return true;
}

/* RT as well as RX: a FIFO that is not full enough interrupts when its bytes have waited a while. */
static void interrupts(bool rx, bool tx)
{
	*reg(PL011_IMSC) = (rx ? INT_RX | INT_RT : 0) | (tx ? INT_TX : 0);
}

static void attach(void (*handler)(void *ctx), void *ctx)
{
	arch_irq_register(UART_IRQ, handler, ctx);
}

const struct uart_driver console_uart = {
	.name = "PL011 at 9000000", .init = init, .get = get, .put = put, .interrupts = interrupts, .attach = attach,
};
