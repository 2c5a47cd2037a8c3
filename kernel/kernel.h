/* kernel/kernel.h - the live machine and the kernel's own judgement of faults.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "boot/boot_info.h"
#include "inspect/target.h"
#include "kernel/console.h"
#include "mm/space/fault.h"

extern struct boot_info boot_info;
/* The machine that runs this: root is what commands look at, hw_root what the CPU walks. */
extern struct target live_target;

/* Appends to the story that `mmu` tells (boot_info.step), with the control registers as they are, and marks the stage
 * (enum boot_stage) in the record that survives a reset (kernel/story.c). */
void kernel_story_note(uint32_t stage);

/* ---- traps (kernel/trap.c) ---- */

/* From assembly, interrupts off. */
void trap(struct trap_frame *f);
/* From assembly, on a CPU that has non-maskable interrupts: any register and any memory may be half changed (kernel/nmi.c). */
void nmi(struct trap_frame *f);
/* From the timer's interrupt: prints what nmi() could not print at once. */
void nmi_tick(void);
/* A copy of the frame of the last trap that was not resolved; NULL: there was none. `.trap`, `r`, @eax. */
const struct trap_frame *last_trap(void);
/* The calls that led to it, as they were: its stack is in use again. */
const struct call_trace *last_calls(void);
void trap_keep(const struct trap_frame *f);
/* Runs fn(ctx); an oops inside it is printed and ends it: false. Nests. */
bool guarded(void (*fn)(void *ctx), void *ctx);
/* What happens after each memory fault: bits of one word, because every fault passes the test of it. */
enum {
	WATCH_TRACE = 1u << 0,   /* it is printed */
	WATCH_PROBE = 1u << 1,   /* resolved or not, the instruction that faulted ends at its fix-up if it has one */
};
extern unsigned fault_watch;
void trace_fault(const struct fault_record *r);      /* kernel/trace.c */
/* arch_probe(), and a write stores the byte that is there. */
bool probe_access(uint64_t va, enum access access);
/* A trap from user mode that mm could not resolve, or that is no memory fault (then fault is NULL). False: nobody's. */
extern bool (*user_trap)(struct trap_frame *f, const struct fault *fault, enum fault_result result);
/* Prints what Linux prints, counts it, and returns to the innermost guarded() of the process that runs. A program's
 * system call has none: its process ends. Where neither can be, the machine stops for looking. */
_Noreturn void oops(struct trap_frame *f, const struct fault *fault);
uint64_t oops_count(void);
/* The n last ones were provoked by a test that expected them. */
void oops_expected(uint64_t n);
/* True: there was one that no test expected. */
bool oopsed(void);

/* ---- IRQL (DESIGN 6): a fault at DISPATCH or above, or in an interrupt handler, is bugcheck A ---- */
enum irql { PASSIVE_LEVEL = 0, APC_LEVEL = 1, DISPATCH_LEVEL = 2, DEVICE_LEVEL = 3, HIGH_LEVEL = 0xff,
            START_LEVEL = 0x100 /* there are no address spaces yet: no fault is resolved */ };
extern unsigned current_irql;

/* "BugCheck A, {2, ff, 4e, ...}" and what it means; afterwards the console goes on, polled, with the commands that only
 * look (kernel/bugcheck.c). */
enum {
	BUGCHECK_IRQL_NOT_LESS_OR_EQUAL = 0xA,    /* address, IRQL, 0 read 1 write, pc: WinDbg's */
	BUGCHECK_KERNEL_TRAP = 0x8E,              /* code, address, 0, pc */
	BUGCHECK_OOPS_IN_OOPS = 0x12B0,           /* ours */
	BUGCHECK_ASSERT = 0xA55E,                 /* ours: condition, file, line, pc */
};
struct bugcheck_record { uint32_t code; uint64_t p[4]; };
extern struct bugcheck_record last_bugcheck;      /* code 0: there was none */
const char *bugcheck_name(uint32_t code);
const char *bugcheck_why(uint32_t code);
/* False while the kernel starts: nothing can be looked at then, so a fault stops the machine at once. */
extern bool kernel_started;
/* True after one: interrupts are off, commands may only look. */
extern bool bugchecked;
/* What follows the report; main.c sets it before kernel_started. It does not return. */
extern void (*after_bugcheck)(void);
/* f: the trap that it came of, or NULL. */
_Noreturn void bugcheck(const struct trap_frame *f, uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4);

/* ---- who called whom (kernel/backtrace.c) ---- */

#define CALL_TRACE_MAX 25
/* pc[0] is where it stopped, the others are return addresses, outwards; fp[i] is the frame that pc[i + 1] stood in. */
struct call_trace { unsigned count; uint64_t pc[CALL_TRACE_MAX], fp[CALL_TRACE_MAX]; };
/* From a frame pointer; ends at what cannot be read. */
void call_trace_take(struct call_trace *t, uint64_t pc, uint64_t fp);
/* " [<c0101234>] name+0x12" lines. */
void call_trace_put(struct out *out, const struct call_trace *t);

/* The live target's callbacks over this machine (kernel/live.c). */
void live_init(void);
/* The live machine as the process sees it that runs, whichever .process has chosen to be looked at. */
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
/* A root is about to be given back, and next takes its place: whoever looks through it looks through next, or with an
 * empty one through the CPU's own. */
void live_root_gone(paddr_t root, paddr_t next);

/* arch_ticks() when the shell began: what the boot has cost, counted from power-on where the counter starts there. */
extern uint64_t boot_ticks;
/* Runs the commands of run="..." and then what is typed (shell/shell.c). After a bugcheck it goes on behind the
 * command that led to it. */
_Noreturn void shell_run(void);
/* Runs one line, shorter than LINE_BYTES, as if typed. */
void shell_execute(const char *line);
/* True: a command of run= failed, or an oops or a bugcheck happened. The exit status. */
bool shell_failed(void);
