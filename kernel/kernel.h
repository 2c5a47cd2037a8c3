/* kernel/kernel.h - interface of the kernel: traps, oops, bugcheck, IRQL, the live target, the shell.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "boot/boot_info.h"
#include "inspect/target.h"
#include "kernel/console.h"
#include "mm/space/fault.h"

extern struct boot_info boot_info;
/* The running machine as a target: `root` is the one that commands inspect, `hw_root` the one that the CPU walks. */
extern struct target live_target;

/* Appends to the story that `mmu` tells (boot_info.step), with the control registers as they are, and marks the stage
 * (enum boot_stage) in the record that survives a reset (kernel/story.c). */
void kernel_story_note(uint32_t stage);

/* ---- traps (kernel/trap.c) ---- */

/* From assembly, interrupts off. */
void trap(struct trap_frame *f);
/* From assembly, on a CPU with non-maskable interrupts: registers and memory can be in the middle of a change (kernel/nmi.c). */
void nmi(struct trap_frame *f);
/* From the timer's interrupt: prints what nmi() could not print at once. */
void nmi_tick(void);
/* A copy of the frame of the last trap that was not resolved; NULL: there was none. `.trap`, `r`, @eax. */
const struct trap_frame *last_trap(void);
/* The back-trace of that trap, recorded then: its stack has been reused. */
const struct call_trace *last_calls(void);
void trap_keep(const struct trap_frame *f);
/* Runs fn(ctx) with a recovery point: an oops inside it is printed and ends it. False: there was an oops. Nests. */
bool guarded(void (*fn)(void *ctx), void *ctx);
/* Actions after each memory fault: bits of one word, so that the fault path has a single test. */
enum {
	WATCH_TRACE = 1u << 0,   /* print it */
	WATCH_PROBE = 1u << 1,   /* resolved or not, the faulting instruction continues at its fix-up address, if it has one */
};
extern unsigned fault_watch;
void trace_fault(const struct fault_record *r);      /* kernel/trace.c */
/* arch_probe(); a write stores the byte that it has read before. */
bool probe_access(uint64_t va, enum access access);
/* Handles a trap from user mode that mm could not resolve, or that is no memory fault (fault NULL). False: not handled. */
extern bool (*user_trap)(struct trap_frame *f, const struct fault *fault, enum fault_result result);
/* Prints a Linux-style oops, counts it, and jumps back to the innermost guarded() of the current process. In a system call, which
 * has no guarded(), ends the process. If neither is possible: bugcheck. */
_Noreturn void oops(struct trap_frame *f, const struct fault *fault);
uint64_t oops_count(void);
/* The last n oopses were expected by a test. */
void oops_expected(uint64_t n);
/* True: an oops happened that no test expected. */
bool oopsed(void);

/* ---- IRQL (docs/design.md, section 6): a fault at DISPATCH_LEVEL or above, or in an interrupt handler, is bugcheck A ---- */
enum irql { PASSIVE_LEVEL = 0, APC_LEVEL = 1, DISPATCH_LEVEL = 2, DEVICE_LEVEL = 3, HIGH_LEVEL = 0xff,
            START_LEVEL = 0x100 /* before there are address spaces: no fault is resolved */ };
extern unsigned current_irql;

/* Prints "BugCheck A, {2, ff, 4e, ...}" and its meaning; then the shell continues on the polled console, with read-only commands
 * only (kernel/bugcheck.c). */
enum {
	BUGCHECK_IRQL_NOT_LESS_OR_EQUAL = 0xA,    /* address, IRQL, 0 read 1 write, pc: as in WinDbg */
	BUGCHECK_KERNEL_TRAP = 0x8E,              /* code, address, 0, pc */
	BUGCHECK_OOPS_IN_OOPS = 0x12B0,           /* this kernel's own */
	BUGCHECK_ASSERT = 0xA55E,                 /* this kernel's own: condition, file, line, pc */
};
struct bugcheck_record { uint32_t code; uint64_t p[4]; };
extern struct bugcheck_record last_bugcheck;      /* code 0: there was none */
const char *bugcheck_name(uint32_t code);
const char *bugcheck_why(uint32_t code);
/* False while the kernel starts: there is no shell yet, so a fault stops the machine at once. */
extern bool kernel_started;
/* True after a bugcheck: interrupts are off, and only read-only commands run. */
extern bool bugchecked;
/* What follows the report; main.c sets it before kernel_started. It does not return. */
extern void (*after_bugcheck)(void);
/* `f`: the trap that caused it, or NULL. */
_Noreturn void bugcheck(const struct trap_frame *f, uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4);

/* ---- back-traces (kernel/backtrace.c) ---- */

#define CALL_TRACE_MAX 25
/* pc[0] is the current pc, the others are return addresses, innermost first; fp[i] is the frame that contained pc[i + 1]. */
struct call_trace { unsigned count; uint64_t pc[CALL_TRACE_MAX], fp[CALL_TRACE_MAX]; };
/* Follows the frame pointers from `fp`; ends at unreadable memory. */
void call_trace_take(struct call_trace *t, uint64_t pc, uint64_t fp);
/* " [<c0101234>] name+0x12" lines. */
void call_trace_put(struct out *out, const struct call_trace *t);

/* The live target's callbacks over this machine (kernel/live.c). */
void live_init(void);
/* The live machine with the tables of the current process, independent of .process. */
struct target live_current(void);
/* .process, .cache: commands look through this root; which addresses are translated with it. */
void live_look_at(paddr_t root);
void live_decode(enum decode decode);
/* Commands look at what the CPU sees now. */
void live_look_at_current(void);
/* The CPU has loaded this root, and commands look through it too. */
void live_loaded(paddr_t root);
/* Hex digits of an address of this machine. */
unsigned live_va_digits(void);
/* target_read_virt() of the live machine as commands look at it. */
MUST_USE err_t live_read(uint64_t va, void *buf, size_t n);
/* Call before freeing `root`. If the shell's target uses it, the target moves to `next` (0: to the CPU's root). */
void live_root_gone(paddr_t root, paddr_t next);

/* arch_ticks() at the start of the shell: the cost of the boot, from power-on if the counter starts there. */
extern uint64_t boot_ticks;
/* Runs the commands of run="..." and then typed commands (shell/shell.c). After a bugcheck it continues after the command that
 * caused it. */
_Noreturn void shell_run(void);
/* Runs one line, shorter than LINE_BYTES, as if typed. */
void shell_execute(const char *line);
/* True: a command of run= failed, or an oops or a bugcheck happened. The exit status. */
bool shell_failed(void);
