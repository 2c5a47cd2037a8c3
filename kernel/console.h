/* kernel/console.h - the serial console: rings between the shell and the UART's interrupts; polled with interrupts off.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "drivers/uart.h"
#include "lib/out.h"
#include <stdbool.h>
#include <stdint.h>

/* The kernel's output. '\n' becomes CR LF. With interrupts on, output is queued, and waits if the queue is full; with interrupts
 * off (boot, oops, handlers) the queue and then the output are sent by polling. Never loses a byte. */
extern struct out console;

void console_init(void);          /* polled */
void console_interrupts(void);    /* switches to interrupts */
void console_flush(void);         /* returns when all output was sent */
/* Sleeps until a byte may be available; does not take it. False: console_wait() returned false. */
bool console_sleep(void);
/* Takes one byte; sleeps until there is one. -1: console_wait() returned false. */
int console_get(void);
/* True while console.put() or the interrupt handler runs. */
bool console_busy(void);
/* How a reader waits, called with interrupts off. False: it must stop waiting. Default: wait for an interrupt. The scheduler
 * installs its own function; the interrupt handler calls console_wake when input arrives. */
extern bool (*console_wait)(void);
extern void (*console_wake)(void);
/* -1 when there is none. */
int console_try_get(void);
/* Number of bytes that the hardware lost since the last call. A full ring loses none, because the sender waits. */
unsigned console_lost(void);
/* Sets the handler for Ctrl-C, called in interrupt context; Ctrl-C is then no input. NULL: Ctrl-C is an ordinary byte. A Ctrl-C
 * that is still in the queue also calls the handler. */
void console_break(void (*handler)(void));
/* Called in interrupt context for each byte that arrives. True: it is no input. It may hold bytes back, and return them with
 * console_unread(), at most this many. NULL: each byte is input. */
#define CONSOLE_UNREAD_MOST 16
extern bool (*console_filter)(uint8_t c);
void console_unread(const uint8_t *bytes, unsigned n);
