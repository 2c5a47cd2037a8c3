/* kernel/oops.c - an unresolved trap in the kernel: prints an oops and returns to the recovery point.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/oops.h"
#include "arch/cpu.h"
#include "kernel/backtrace.h"
#include "kernel/bugcheck.h"
#include "kernel/console.h"
#include "kernel/live.h"
#include "kernel/oops_form.h"
#include "kernel/proc.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "mm/space/tlb.h"

#define FRAME_MAX 512

/* A guarded function can sleep; an oops of another process must not return here. */
struct guard { struct arch_jump jump; struct guard *outer; const struct proc *owner; };

/* The guard of the innermost guarded() call; guards are on the stacks of their callers and form a
 * list outwards. */
static struct guard *innermost;
static uint64_t count, expected;   /* oopses since boot, and how many of them a test announced */
static bool is_reporting;          /* an oops is being printed */
/* A copy of the frame and the back-trace of the last unresolved trap. The stack that contained
 * them is reused after arch_throw(). */
static _Alignas(16) char last_frame[FRAME_MAX];
static struct call_trace last_trace;
static bool has_last;

const struct trap_frame *last_trap(void)
{
	return has_last ? (const struct trap_frame *)(const void *)last_frame : NULL;
}

const struct call_trace *last_calls(void)
{
	return &last_trace;
}

uint64_t oops_count(void)
{
	return count;
}

void oops_expected(uint64_t n)
{
	expected += n;
}

bool oopsed(void)
{
	return count > expected;
}

/* The back-trace is taken here, while the stack is intact. A frame that does not fit is a fault of
 * the port: assertion. */
void trap_keep(const struct trap_frame *f)
{
	ASSERT(arch_frame_bytes() <= FRAME_MAX);
	memcpy(last_frame, f, arch_frame_bytes());
	call_trace_take(&last_trace, arch_frame_pc(f), arch_frame_fp(f));
	has_last = true;
}

/* Prints the oops with the tables of the current process, independent of .process. */
static void tell(const struct trap_frame *f, const struct fault *fault)
{
	struct target t = live_current();

	oops_print(&console, &(struct oops_report){ .frame = f, .fault = fault, .target = &t, .number = (unsigned)count });
}

/* The interrupted code does not continue, so its cleanup does not run: frees its kmap slots and
 * discards its batch of TLB flushes. Nothing else that it held is released. */
static void let_go(void)
{
	kmap_reset();
	tlb_reset();
}

/* True if the oops happened in a system call of a program, below DISPATCH_LEVEL: proc_exit() then
 * ends the program, not the machine. Memory that the call had allocated for itself is lost. */
static bool can_end_program(void)
{
	return current_proc && !current_proc->kernel_only && current_proc->as && current_irql < DISPATCH_LEVEL;
}

_Noreturn void oops(struct trap_frame *f, const struct fault *fault)
{
	struct guard *g = innermost;

	arch_irq_save();
	if (!kernel_started)
		bugcheck(f, BUGCHECK_KERNEL_TRAP, arch_trap_code(f), fault ? fault->va : 0, 0, arch_frame_pc(f));
	if (is_reporting)
		bugcheck(f, BUGCHECK_OOPS_IN_OOPS, fault ? fault->va : 0, arch_trap_code(f), 0, arch_frame_pc(f));
	/* A second fault from here to `is_reporting = false` comes from the report itself: bugcheck. */
	is_reporting = true;
	count++;
	trap_keep(f);
	out_puts(&console, "\n");
	tell(f, fault);
	is_reporting = false;
	if (g && g->owner == current_proc)
		arch_throw(&g->jump);
	/* The recovery point belongs to another process, or there is none. */
	if (!can_end_program())
		bugcheck(f, BUGCHECK_KERNEL_TRAP, arch_trap_code(f), fault ? fault->va : 0, 0, arch_frame_pc(f));
	let_go();
	proc_exit(PROC_OOPSED);
}

/* IRQL and interrupt state are those at the call, whatever fn() changed before its oops. g.outer
 * is read again after arch_throw(), which is safe: `g` does not change between arch_catch() and
 * arch_throw(). */
bool guarded(void (*fn)(void *ctx), void *ctx)
{
	struct guard g = { .outer = innermost, .owner = current_proc };
	unsigned irql = current_irql;
	bool irqs = arch_irqs_on();

	if (arch_catch(&g.jump) == 0) {
		innermost = &g;
		fn(ctx);
		innermost = g.outer;
		return true;
	}
	innermost = g.outer;
	let_go();
	current_irql = irql;
	if (irqs)
		arch_irqs_enable();
	return false;
}
