/* kernel/trap.c - trap(): runs interrupt handlers, resolves page faults through mm, and handles all other traps.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/trap.h"
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "kernel/bugcheck.h"
#include "kernel/oops.h"
#include "kernel/proc.h"
#include "kernel/trace.h"
#include "mm/space/fault.h"

unsigned fault_watch;
unsigned current_irql = START_LEVEL;
bool (*user_trap)(struct trap_frame *f, const struct fault *fault, enum fault_result result);

/* Continues at the fix-up address if the interrupted instruction has one (arch/fixup.h). The table
 * is short and is searched only after a fault that was not resolved: a linear search is enough. */
static bool fix_up(struct trap_frame *f)
{
	for (const struct fixup *x = fixups_start; x < fixups_end; x++)
		if (x->at == arch_frame_pc(f)) {
			arch_frame_set_pc(f, x->resume);
			return true;
		}
	return false;
}

/* Runs the handlers of an interrupt at DEVICE_LEVEL, where a fault must not wait for a page. A
 * higher level (`raise`) is kept. The old level is restored, so interrupts can nest. */
static void handle_interrupt(struct trap_frame *f)
{
	unsigned irql = current_irql;

	if (irql < DEVICE_LEVEL)
		current_irql = DEVICE_LEVEL;
	arch_irq_dispatch(f);
	current_irql = irql;
}

/* At DISPATCH_LEVEL and above a fault must not wait for a page: mm_fault_repair() handles only missing kernel entries, clear A
 * bits and stale TLB entries. */
static __attribute__((noinline)) enum fault_result resolve(const struct trap_frame *f, struct vm_fault *fault)
{
	if (current_irql >= DISPATCH_LEVEL)
		return current_irql == START_LEVEL ? FAULT_NO_VMA : mm_fault_repair(current_aspace, fault);
	/* arch_decode_fault() has saved CR2 (ARM: DFAR), so another fault cannot overwrite it. Enable interrupts if the
	 * interrupted code had them enabled. */
	if (arch_frame_irqs_on(f))
		arch_irqs_enable();
	fault->may_sleep = fault->fault.from_user;
	return mm_fault(current_aspace, fault);
}

/* mm did not resolve the fault: ends the program, takes a fix-up, or stops with an oops or a bugcheck. */
static void end_unresolved(struct trap_frame *f, const struct fault *fault, enum fault_result result)
{
	bool user = arch_frame_from_user(f);

	/* Not fault.from_user: while user mode runs, the CPU itself reads descriptor tables with the kernel's rights
	 * (SDM vol. 3A 4.6.1, implicit supervisor-mode accesses). The program caused it. */
	if (user && user_trap && user_trap(f, fault, result))
		return;
	if (!user && fix_up(f))
		return;
	if (current_irql >= DISPATCH_LEVEL && current_irql != START_LEVEL)
		bugcheck(f, BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, fault->va, current_irql, fault->access == ACCESS_WRITE,
		         fault->pc);
	oops(f, fault);
}

/* trace and probe. The fault is resolved already, so r is its record. */
static void watch(struct trap_frame *f, const struct fault_record *r)
{
	if (fault_watch & WATCH_TRACE)
		trace_fault(r);
	if (fault_watch & WATCH_PROBE && r->result == FAULT_FIXED && !r->fault.from_user)
		(void)fix_up(f);
}

/* `fault` is local, because another fault can happen before this one is finished, with interrupts on. The trace prints before an
 * oops does, so that both appear in order. */
static __attribute__((noinline)) void handle_rare_fault(struct trap_frame *f, const struct fault *decoded)
{
	struct vm_fault fault;
	enum fault_result result;

	/* An initializer would clear the whole structure. */
	fault.fault = *decoded;
	result = resolve(f, &fault);
	if (fault_watch)
		watch(f, fault_recent(0));
	if (result != FAULT_FIXED)
		end_unresolved(f, &fault.fault, result);
}

/* User mode runs at PASSIVE_LEVEL. Interrupts stay off on the fast path, which ends within the time of two copied pages, or of
 * `faultaround` zeroed ones; when no frame is free, within that of frame_shortage(). */
static void handle_page_fault(struct trap_frame *f)
{
	struct fault *fault = fault_place();

	arch_decode_fault(f, fault);
	if (fault->from_user && current_irql < DISPATCH_LEVEL && fault_fast(current_aspace, fault)) {
		if (fault_watch)
			watch(f, fault_recent(0));
		return;
	}
	handle_rare_fault(f, fault);
}

/* Handles every other exception, in this order: fix-up, end of the program, oops. The fault ring
 * gets a record, so that reports of the last fault show this trap. */
static void handle_exception(struct trap_frame *f)
{
	bool user = arch_frame_from_user(f);

	if (!user && fix_up(f))
		return;
	fault_note_trap(current_aspace, arch_trap_name(f), arch_trap_code(f), arch_frame_pc(f), user);
	if (user && user_trap && user_trap(f, NULL, FAULT_DENIED))
		return;
	oops(f, NULL);
}

void trap(struct trap_frame *f)
{
	bool user = arch_frame_from_user(f);

	/* System calls from user mode enter at syscall(), not here. The kernel makes none. */
	static void (*const handler[])(struct trap_frame *f) = {
		[TRAP_IRQ] = handle_interrupt, [TRAP_MEMORY] = handle_page_fault, [TRAP_SYSCALL] = handle_exception,
		[TRAP_BREAK] = handle_exception, [TRAP_DOUBLE] = handle_exception, [TRAP_OTHER] = handle_exception,
	};

	if (user)
		current_proc->user = f;
	handler[arch_trap_kind(f)](f);
	if (!user)
		return;
	arch_irqs_disable();
	sched_return_to_user();
}
