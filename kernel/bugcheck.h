/* kernel/bugcheck.h - an error after which only read-only commands run, in the form of WinDbg.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "inspect/bugcheck_text.h"

/* Prints "BugCheck A, {2, ff, 4e, ...}" and its meaning; then the shell continues on the polled console, with read-only commands
 * only. */
struct bugcheck_record { uint32_t code; uint64_t p[4]; };
extern struct bugcheck_record last_bugcheck;      /* code 0: there was none */
/* False while the kernel starts: there is no shell yet, so a fault stops the machine at once. */
extern bool kernel_started;
/* True after a bugcheck: interrupts are off, and only read-only commands run. */
extern bool bugchecked;
/* What follows the report; main.c sets it before kernel_started. It does not return. */
extern void (*after_bugcheck)(void);
/* `f`: the trap that caused it, or NULL. */
_Noreturn void bugcheck(const struct trap_frame *f, uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4);
