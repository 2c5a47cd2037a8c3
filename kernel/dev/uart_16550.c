/* kernel/dev/uart_16550.c - the serial console, polled.
 * SPDX-License-Identifier: MIT
 *
 * The boot stage has set the line up (8N1, FIFO on).
 */
#include "arch/x86/io.h"
#include "arch/x86/regs.h"
#include "kernel/dev/uart_16550_regs.h"
#include "kernel/kernel.h"

static void put_byte(char c)
{
	for (unsigned spin = 0; spin < 100000 && !(inb(COM1_PORT + UART_LSR) & LSR_THRE); spin++)
		;
	outb(COM1_PORT + UART_THR, (uint8_t)c);
}

static void put(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			put_byte('\r');
		put_byte(bytes[i]);
	}
}

struct out console = { .put = put };

int console_get(void)
{
	while (!(inb(COM1_PORT + UART_LSR) & LSR_DR))
		__asm__ volatile("pause");
	return inb(COM1_PORT + UART_RBR);
}
