/* kernel/trap.h - the way of every trap: to mm, to the handler of user mode, or to an oops.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "mm/space/fault.h"

/* From assembly, interrupts off. */
void trap(struct trap_frame *f);
/* Actions after each memory fault: bits of one word, so that the fault path has a single test. */
enum {
	WATCH_TRACE = 1u << 0,   /* print it */
	WATCH_PROBE = 1u << 1,   /* resolved or not, the faulting instruction continues at its fix-up address, if it has one */
};
extern unsigned fault_watch;
/* Handles a trap from user mode that mm could not resolve, or that is no memory fault (fault NULL). False: not handled. */
extern bool (*user_trap)(struct trap_frame *f, const struct fault *fault, enum fault_result result);

/* IRQL (docs/design.md, section 6): a fault at DISPATCH_LEVEL or above, or in an interrupt handler, is bugcheck A */
enum irql { PASSIVE_LEVEL = 0, APC_LEVEL = 1, DISPATCH_LEVEL = 2, DEVICE_LEVEL = 3, HIGH_LEVEL = 0xff,
            START_LEVEL = 0x100 /* before there are address spaces: no fault is resolved */ };
extern unsigned current_irql;
