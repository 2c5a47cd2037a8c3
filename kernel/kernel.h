/* kernel/kernel.h - the live machine and the kernel's own judgement of faults.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "boot/boot_info.h"
#include "kernel/console.h"
#include "kernel/inspect/target.h"
#include "mm/fault.h"

extern struct boot_info boot_info;
/* The machine that runs this: root is what commands look at, hw_root what the CPU walks. */
extern struct target live_target;

/* ---- traps (kernel/trap.c) ---- */

/* From assembly, interrupts off. */
void trap(struct trap_frame *f);
/* A copy of the frame of the last trap that was not resolved; NULL: there was none. `.trap`, `r`, @eax. */
const struct trap_frame *last_trap(void);
/* Runs fn(ctx); an oops inside it is printed and ends it: false. Nests. */
bool guarded(void (*fn)(void *ctx), void *ctx);
/* Called for each fault that mm_fault() handled, when tracing is on. */
extern bool trace_faults;
uint64_t oops_count(void);

/* ---- IRQL (DESIGN 6): a fault at DISPATCH or above, or in an interrupt handler, is bugcheck A ---- */
enum irql { PASSIVE_LEVEL = 0, APC_LEVEL = 1, DISPATCH_LEVEL = 2, DEVICE_LEVEL = 3, HIGH_LEVEL = 0xff };
extern unsigned current_irql;

/* "BugCheck A, {2, ff, 4e, ...}" and what it means; afterwards the console goes on, polled, with the commands that only
 * look (kernel/bugcheck.c). */
_Noreturn void bugcheck(uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4);

/* " [<c0101234>] name+0x12/0x40" lines from a frame pointer; stops at what cannot be read. */
void backtrace(struct out *out, uint64_t pc, uint64_t fp);

/* Reads commands for ever (kernel/shell/shell.c). run: commands of run="..." first. */
_Noreturn void shell_run(void);
/* Runs one line as if typed. */
void shell_execute(const char *line);
