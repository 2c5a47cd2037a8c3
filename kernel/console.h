/* kernel/console.h - the serial console: rings fed and drained by interrupts, polled when they are off.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "drivers/uart.h"
#include "lib/out.h"
#include <stdbool.h>

/* Where the kernel prints. '\n' becomes CR LF. While interrupts are on, output is queued and waits for room; while
 * they are off (boot, oops, handlers), it is polled, after what was queued. Never loses a byte. */
extern struct out console;

void console_init(void);          /* polled */
void console_interrupts(void);    /* from now on by interrupts */
void console_flush(void);         /* returns when everything has left */
/* Sleeps until there may be a byte, which is left where it is. False: console_wait() gave up. */
bool console_sleep(void);
/* One byte; sleeps until there is one. -1: console_wait() gave up. */
int console_get(void);
/* How a reader waits, called with interrupts off; false: it must not wait any longer. By itself: until an interrupt.
 * The scheduler puts its own here, and is told by console_wake (in interrupt context) that something has come. */
/* True while a call of console.put() or its interrupt handler is under way. */
bool console_busy(void);
extern bool (*console_wait)(void);
extern void (*console_wake)(void);
/* -1 when there is none. */
int console_try_get(void);
/* Bytes that the hardware lost since the last call: the reader says so. A full ring loses none: the sender waits. */
unsigned console_lost(void);
/* From now on handler is called for Ctrl-C, in interrupt context, and it is no input; NULL: it is a byte like others. One
 * that waits to be read was typed after what has been read: it counts, too. */
void console_break(void (*handler)(void));
