/* kernel/user_trap.c - an unresolved trap of a program: prints one line in the form of Linux and ends the process.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "isa/isa.h"
#include "kernel/console.h"
#include "kernel/live.h"
#include "kernel/proc.h"
#include "kernel/trap.h"

/* The line has the VMA of the pc, as Linux names the mapping of the faulting instruction. */
static void put_end(const struct proc *p, const struct trap_frame *f, const struct fault *fault)
{
	const struct vma *v = fault ? vma_find(p->as, fault->pc) : NULL;
	struct isa_user_trap t = {
		.process = p->name, .pid = (unsigned)p->pid, .fault = fault, .trap = arch_trap_name(f),
		.code = arch_trap_code(f), .pc = arch_frame_pc(f), .sp = arch_frame_sp(f),
		.digits = (int)live_va_digits(),
	};

	if (v) {
		t.range = v->name;
		t.first = v->first;
		t.bytes = v->last + 1 - v->first;
	}
	arch_pt_mode()->format->isa->user_trap(&console, &t);
}

/* Linux ends it with SIGBUS, and prints the line of the device that failed only. */
static _Noreturn void end_by_io_error(const struct proc *p, const struct trap_frame *f, const struct fault *fault)
{
	out_printf(&console, "%s[%u]: bus error at %llx ip %llx sp %llx: %s\n", p->name, (unsigned)p->pid,
	           (unsigned long long)fault->va, (unsigned long long)arch_frame_pc(f), (unsigned long long)arch_frame_sp(f),
	           fault_result_text(FAULT_IO_ERROR));
	proc_exit(PROC_BUS_ERROR);
}

/* A further line names a cause that is not the program's: no memory or a corrupt entry.
 * Does not return if it handles the trap: proc_exit() switches to another process. */
bool proc_user_trap(struct trap_frame *f, const struct fault *fault, enum fault_result result)
{
	struct proc *p = current_proc;

	if (p->kernel_only)
		return false;
	if (fault && result == FAULT_IO_ERROR)
		end_by_io_error(p, f, fault);
	put_end(p, f, fault);
	if (fault && result != FAULT_NO_VMA && result != FAULT_DENIED)
		out_printf(&console, "%s[%u]: %s\n", p->name, (unsigned)p->pid, fault_result_text(result));
	proc_exit(PROC_FAULTED);
}
