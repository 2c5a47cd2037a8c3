/* drivers/uart_16550.c - COM1 as the console's UART.
 * SPDX-License-Identifier: MIT
 *
 * The boot stage has set the line up: 8N1, the FIFOs on unless a byte was waiting. Knows registers; rings and
 * waiting are console.c's.
 */
#include "arch/trap.h"
#include "drivers/uart.h"
#include "hw/uart_16550_regs.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

#define SCRATCH_PATTERN 0x5A

static bool present, overrun;
static unsigned capacity; /* of the transmitter: UART_FIFO, or 1 without FIFOs */
static unsigned room;     /* bytes that the transmitter takes before THRE must be tested again */

static void init(void)
{
	outb(COM1_PORT + UART_IER, 0);
	outb(COM1_PORT + UART_SCR, SCRATCH_PATTERN);
	present = inb(COM1_PORT + UART_SCR) == SCRATCH_PATTERN;
	capacity = (inb(COM1_PORT + UART_IIR) & IIR_FIFO) == IIR_FIFO ? UART_FIFO : 1;
	room = 0;
}

/* Reading LSR clears OE, so every reader saves it for get(). */
static uint8_t line_status(void)
{
	uint8_t status = present ? inb(COM1_PORT + UART_LSR) : LSR_THRE;

	overrun |= (status & LSR_OE) != 0;
	return status;
}

static int get(void)
{
	int c;

	if (!(line_status() & LSR_DR))
		return -1;
	c = inb(COM1_PORT + UART_RBR) | (overrun ? UART_OVERRUN : 0);
	overrun = false;
	return c;
}

static bool put(char c)
{
	/* A machine without the UART must still run. */
	if (!present)
		return true;
	if (!room && line_status() & LSR_THRE)
		room = capacity;
	if (!room)
		return false;
	room--;
	outb(COM1_PORT + UART_THR, (uint8_t)c);
	return true;
}

static void interrupts(bool rx, bool tx)
{
	if (present)
		outb(COM1_PORT + UART_IER, (rx ? IER_RX : 0) | (tx ? IER_THRE : 0));
}

static void attach(void (*handler)(void *ctx), void *ctx)
{
	arch_irq_register(COM1_IRQ, handler, ctx);
}

const struct uart_driver console_uart = {
	.name = "16550 at port 3f8", .init = init, .get = get, .put = put, .interrupts = interrupts, .attach = attach,
};
