/* kernel/user_trap.c - a program did what it may not: one line in Linux's words, and its end.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/kernel.h"
#include "arch/cpu.h"
#include "kernel/inspect/fsr.h"
#include "kernel/inspect/linux_arm.h"
#include "kernel/proc.h"

/* "hello[3]: segfault at 0 ip 00400123 sp 7ffcffc0 error 4 in hello[400000+1000]" */
static void x86_fault(const struct proc *p, const struct trap_frame *f, const struct fault *fault)
{
	const struct vma *v = vma_find(p->as, fault->pc);

	out_printf(&console, "%s[%u]: segfault at %llx ip %0*llx sp %0*llx error %llx", p->name, (unsigned)p->pid,
	           (unsigned long long)fault->va, (int)target_va_digits(&live_target),
	           (unsigned long long)arch_frame_pc(f), (int)target_va_digits(&live_target),
	           (unsigned long long)arch_frame_sp(f), (unsigned long long)fault->code);
	if (v)
		out_printf(&console, " in %s[%llx+%llx]", v->name, (unsigned long long)v->first,
		           (unsigned long long)(v->last + 1 - v->first));
	out_char(&console, '\n');
}

static void x86_trap(const struct proc *p, const struct trap_frame *f)
{
	out_printf(&console, "%s[%u]: %s ip %0*llx sp %0*llx error %llx\n", p->name, (unsigned)p->pid, arch_trap_name(f),
	           (int)target_va_digits(&live_target), (unsigned long long)arch_frame_pc(f),
	           (int)target_va_digits(&live_target), (unsigned long long)arch_frame_sp(f),
	           (unsigned long long)arch_trap_code(f));
}

#define SIGSEGV 11

/* "hello: unhandled page fault (11) at 0x00000000, code 0x817" */
static void arm_fault(const struct proc *p, const struct trap_frame *f, const struct fault *fault)
{
	(void)f;
	if (fsr_is_page_fault(fault->code))
		linux_arm_user_fault(&console, p->name, SIGSEGV, (uint32_t)fault->va, fault->code);
	else
		linux_arm_unhandled(&console, (uint32_t)fault->va, fault->code, fault->access == ACCESS_EXECUTE);
}

/* "hello (3): undefined instruction: pc=00400123" */
static void arm_trap(const struct proc *p, const struct trap_frame *f)
{
	out_printf(&console, "%s (%u): %s: pc=%08llx\n", p->name, (unsigned)p->pid, arch_trap_name(f),
	           (unsigned long long)arch_frame_pc(f));
}

static const struct {
	void (*fault)(const struct proc *p, const struct trap_frame *f, const struct fault *fault);
	void (*trap)(const struct proc *p, const struct trap_frame *f);
} forms[OOPS_FORMS] = {
	[OOPS_X86] = { x86_fault, x86_trap }, [OOPS_ARM] = { arm_fault, arm_trap },
};

bool proc_user_trap(struct trap_frame *f, const struct fault *fault, enum fault_result result)
{
	struct proc *p = current_proc;

	if (p->kernel_only)
		return false;
	if (fault)
		forms[arch_oops_form].fault(p, f, fault);
	else
		forms[arch_oops_form].trap(p, f);
	if (fault && result != FAULT_NO_VMA && result != FAULT_DENIED)
		out_printf(&console, "%s[%u]: %s\n", p->name, (unsigned)p->pid, fault_result_text(result));
	proc_exit(PROC_FAULTED);
}
