/* drivers/uart.h - struct uart_driver: the console's interface to a UART.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdbool.h>

/* The operations of a driver (drivers/uart_*.c). Exactly one is linked for an architecture. */
struct uart_driver {
	const char *name;
	void (*init)(void);                        /* after the boot stage; maps the registers if needed; can be called twice */
	int (*get)(void);                          /* a byte, or -1; UART_OVERRUN | byte: bytes before it were lost */
	bool (*put)(char c);                       /* false: the transmitter is full */
	void (*interrupts)(bool rx, bool tx);      /* which conditions interrupt */
	void (*attach)(void (*handler)(void *ctx), void *ctx);  /* registers the interrupt */
};
#define UART_OVERRUN 0x100
extern const struct uart_driver console_uart;
