/* boot/arm/console.c - the PL011, polled, before anything else works.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/boot.h"
#include "hw/arm/virt_regs.h"
#include "hw/uart_pl011_regs.h"

static volatile uint32_t *reg(unsigned offset)
{
	return (volatile uint32_t *)(UART_PA + offset);
}

void boot_put_byte(char c)
{
	/* Bounded: a machine without the UART must still boot. */
	for (unsigned spin = 0; spin < 100000 && (*reg(PL011_FR) & FR_TXFF); spin++)
		;
	*reg(PL011_DR) = (uint8_t)c;
}

/* The speed stays as the firmware left it. A change of LCRH.FEN loses the byte that waits in the holding register (DDI
 * 0183, 3.3.7): FIFOs that are off stay off then. */
void boot_console_init(void)
{
	uint32_t fifos = *reg(PL011_FR) & FR_RXFE ? LCRH_FEN : *reg(PL011_LCRH) & LCRH_FEN;

	*reg(PL011_IMSC) = 0;
	*reg(PL011_LCRH) = LCRH_8BIT | fifos;
	*reg(PL011_CR) = CR_UARTEN | CR_TXE | CR_RXE;
}

_Noreturn void boot_halt(void)
{
	for (;;)
		__asm__ volatile("wfi");
}
