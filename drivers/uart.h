/* drivers/uart.h - the contract of a UART driver, which the console is built on.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>

/* The operations of a driver (drivers/uart_*.c). Exactly one is linked for an architecture. */
struct uart_driver {
	const char *name;
	void (*init)(void);                        /* after the boot stage; maps registers if it must; may come twice */
	int (*get)(void);                          /* a byte, or -1; UART_OVERRUN | byte: some were lost before */
	bool (*put)(char c);                       /* false: no room now */
	void (*interrupts)(bool rx, bool tx);      /* which conditions interrupt */
	void (*attach)(void (*handler)(void *ctx), void *ctx);  /* registers the interrupt */
};
#define UART_OVERRUN 0x100
extern const struct uart_driver console_uart;
