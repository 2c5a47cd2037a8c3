/* drivers/uart_none.c - the console's UART of the empty port: discards output and receives no input.
 * SPDX-License-Identifier: MIT
 */
#include "drivers/uart.h"

static void init(void)
{
}

static int get(void)
{
	return -1;
}

static bool put(char c)
{
	(void)c;
	return true;
}

static void interrupts(bool rx, bool tx)
{
	(void)rx;
	(void)tx;
}

static void attach(void (*handler)(void *ctx), void *ctx)
{
	(void)handler;
	(void)ctx;
}

const struct uart_driver console_uart = {
	.name = "none", .init = init, .get = get, .put = put, .interrupts = interrupts, .attach = attach,
};
