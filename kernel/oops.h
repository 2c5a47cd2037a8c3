/* kernel/oops.h - an error of the kernel that ends a command or a process, in the form of Linux.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "kernel/backtrace.h"

/* A copy of the frame of the last trap that was not resolved; NULL: there was none. `.trap`, `r`, @eax. */
const struct trap_frame *last_trap(void);
/* The back-trace of that trap, recorded then: its stack has been reused. */
const struct call_trace *last_calls(void);
void trap_keep(const struct trap_frame *f);
/* Runs fn(ctx) with a recovery point: an oops inside it is printed and ends it. False: there was an oops. Nests. */
bool guarded(void (*fn)(void *ctx), void *ctx);
/* Prints a Linux-style oops, counts it, and jumps back to the innermost guarded() of the current process. In a system call, which
 * has no guarded(), ends the process. If neither is possible: bugcheck. */
_Noreturn void oops(struct trap_frame *f, const struct fault *fault);
uint64_t oops_count(void);
/* The last n oopses were expected by a test. */
void oops_expected(uint64_t n);
/* True: an oops happened that no test expected. */
bool oopsed(void);
