/* boot/arm/refuse.c - says on the UART of another machine that this kernel is not for it.
 * SPDX-License-Identifier: MIT
 *
 * Position-independent, as foreign.c is.
 */
#include "boot/arm/foreign.h"
#include "hw/arm/virt_regs.h"
#include "hw/uart_pl011_regs.h"
#include <stddef.h>

#define SPIN 100000

static void put(uint64_t uart, const char *text)
{
	volatile uint8_t *base = (volatile uint8_t *)(uintptr_t)uart;

	for (; *text; text++) {
		for (unsigned i = 0; i < SPIN && (*(volatile uint32_t *)(base + PL011_FR) & FR_TXFF); i++)
			;
		*(volatile uint32_t *)(base + PL011_DR) = (uint8_t)*text;
	}
}

void boot_refuse_foreign(const void *at);

/* From entry.S, with a stack and nothing else. Returns where this machine can be tried. */
void boot_refuse_foreign(const void *at)
{
	struct foreign f;

	if (!at || (uintptr_t)at % 4 || !foreign_machine(at, &f))
		return;
	if (f.uart && !(f.uart >> 32)) {
		volatile uint8_t *base = (volatile uint8_t *)(uintptr_t)f.uart;

		*(volatile uint32_t *)(base + PL011_LCRH) = LCRH_8BIT | LCRH_FEN;
		*(volatile uint32_t *)(base + PL011_CR) = CR_UARTEN | CR_TXE | CR_RXE;
		put(f.uart, "\r\nboot: this kernel is for QEMU's `virt` machine, with RAM at 40000000 and a PL011 at "
		            "09000000.\r\nboot: the device tree describes another one: ");
		put(f.uart, f.model ? f.model : "it has no model");
		put(f.uart, "\r\nboot: stopped\r\n");
	}
	for (;;)
		__asm__ volatile("wfi");
}
