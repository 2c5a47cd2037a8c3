/* boot/x86/console.c - COM1, polled, before anything else works.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "hw/uart_16550_regs.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

void boot_put_byte(char c)
{
	/* Bounded: a machine without the UART must still boot. */
	for (unsigned spin = 0; spin < 100000 && !(inb(COM1_PORT + UART_LSR) & LSR_THRE); spin++)
		;
	outb(COM1_PORT + UART_THR, (uint8_t)c);
}

/* A change of FCR.FE empties the receiver (PC16550D, FCR bit 0). A byte that waits there belongs to the shell: the FIFOs
 * then stay off, and the driver finds them so. */
static void enable_fifo(void)
{
	bool on = (inb(COM1_PORT + UART_IIR) & IIR_FIFO) == IIR_FIFO;

	if (on || !(inb(COM1_PORT + UART_LSR) & LSR_DR))
		outb(COM1_PORT + UART_FCR, FCR_ENABLE);
}

void boot_console_init(void)
{
	outb(COM1_PORT + UART_IER, 0);
	outb(COM1_PORT + UART_LCR, LCR_DLAB);
	outb(COM1_PORT + UART_DLL, 1);
	outb(COM1_PORT + UART_DLM, 0);
	/* 8N1 must be set: without it Bochs cuts characters to five bits. */
	outb(COM1_PORT + UART_LCR, LCR_8N1);
	enable_fifo();
	outb(COM1_PORT + UART_MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
}

_Noreturn void boot_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
