/* kernel/live_system.c - struct target_system of the running machine: address spaces, processes, VMAs and registers.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/live_system.h"
#include "arch/mmu.h"
#include "kernel/explain_fault.h"
#include "kernel/fsck.h"
#include "kernel/symbols.h"
#include "inspect/predict.h"
#include "kernel/bugcheck.h"
#include "kernel/live.h"
#include "kernel/live_process.h"
#include "kernel/oops.h"
#include "kernel/proc.h"
#include "mm/mm.h"

/* The callbacks of inspect/system.h, which are called at the prompt and after a bugcheck: they allocate nothing, and take no lock.
 * Address spaces are numbered in the order of the list `aspaces`, kernel_aspace first. */
static bool space(void *ctx, unsigned i, struct system_space *s)
{
	(void)ctx;
	list_for_each(l, &aspaces) {
		const struct aspace *as = container_of(l, struct aspace, link);

		if (i-- > 0)
			continue;
		*s = (struct system_space){
			.id = (unsigned)as->id, .name = as->name, .root = as->space.half[0].root, .reference = as == &kernel_aspace,
		};
		return true;
	}
	return false;
}

/* A zombie has no address space, and so no root. */
static struct system_process of_process(const struct proc *p)
{
	struct system_process s = { .pid = p->pid, .address = (uintptr_t)p, .name = p->name, .ended = !p->as };

	if (p->as)
		s.root = p->as->space.half[0].root;
	return s;
}

/* `number`: a pid or the address of a struct proc. */
static bool process(void *ctx, uint64_t number, struct system_process *s)
{
	const struct proc *p = proc_by_any(number);

	(void)ctx;
	if (!p)
		return false;
	*s = of_process(p);
	return true;
}

/* Searches by root, because the root is all that the target stores: a process that has exited is not found, since its root is
 * gone. */
static bool implicit(void *ctx, paddr_t root, struct system_process *s)
{
	(void)ctx;
	*s = of_process(current_proc);
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (!p->as || p->as->space.half[0].root.v != root.v)
			continue;
		*s = of_process(p);
		return true;
	}
	return true;
}

/* The kernel itself, under WinDbg's name: it is one image, and loads no modules. */
static bool module(void *ctx, unsigned i, struct system_module *m)
{
	(void)ctx;
	*m = (struct system_module){ .name = "nt", .image = "pageturner" };
	return i == 0 && kernel_image(&m->base, &m->size);
}

/* Returns the number of errors. process 0: all of them, and the frames that belong to none. */
static unsigned check(void *ctx, struct out *out, uint64_t process)
{
	(void)ctx;
	return fsck(out, process ? proc_by_any(process) : NULL);
}

/* False before the first bugcheck: analyze has nothing to explain. The fourth parameter is the address of the instruction. */
static bool stopped_by(void *ctx, struct system_bugcheck *b)
{
	(void)ctx;
	*b = (struct system_bugcheck){ .code = last_bugcheck.code, .pc = last_bugcheck.p[3] };
	for (size_t i = 0; i < ARRAY_LEN(b->p); i++)
		b->p[i] = last_bugcheck.p[i];
	return last_bugcheck.code != 0;
}

/* Returns the address space with this root, or the loaded one if none has it. */
static struct aspace *space_of_root(paddr_t root)
{
	list_for_each(l, &aspaces)
		if (container_of(l, struct aspace, link)->space.half[0].root.v == root.v)
			return container_of(l, struct aspace, link);
	return current_aspace;
}

/* Kernel VMAs are in kernel_aspace only, because every address space shares the kernel half. */
static bool range(void *ctx, paddr_t root, uint64_t va, struct system_range *r)
{
	const struct vma *v = vma_find(va >= USER_END ? &kernel_aspace : space_of_root(root), va);

	(void)ctx;
	if (!v)
		return false;
	*r = (struct system_range){
		.name = v->name, .first = v->first, .last = v->last, .prot = v->prot,
		.guard = v->flags & VMA_GUARD, .shared = v->flags & VMA_SHARED,
	};
	return true;
}

static bool identity(void *ctx, uint64_t *first, uint64_t *last)
{
	(void)ctx;
	return mm_identity(first, last);
}

/* `i` counts only registers that this CPU has; rows of arch_regs with exists() false are skipped.
 * Without a trap so far, only control registers have a value (`known`). */
static bool reg(void *ctx, unsigned i, struct system_register *s)
{
	const struct trap_frame *f = last_trap();

	(void)ctx;
	for (const struct arch_reg *r = arch_regs; r->name; r++) {
		if ((r->exists && !r->exists()) || i-- > 0)
			continue;
		*s = (struct system_register){
			.name = r->name, .digits = r->bits / 4u, .control = r->control, .known = r->control || f,
		};
		if (s->known)
			s->value = r->get(r->control ? NULL : f, r);
		return true;
	}
	return false;
}

static void explain_last_fault(void *ctx, struct out *out)
{
	struct target now = live_current();

	(void)ctx;
	explain_fault(out, &now, fault_recent(0));
}

/* Microseconds since the timer started, in steps of one tick (10,000 with SCHED_HZ 100). */
static uint64_t now(void *ctx)
{
	(void)ctx;
	return sched_ticks() * (1000000 / SCHED_HZ);
}

/* 0: no process has the table in common with another, or the table is not a leaf table of user mode. */
static unsigned sharers(void *ctx, paddr_t table)
{
	const struct frame *f = leaf_table_at(table);

	(void)ctx;
	return f ? f->sharers : 0;
}

/* Prints the newest unresolved fault of the ring with this address, if there is one: access, code and reason. A fault that was
 * resolved says nothing about a bugcheck; it only happened at the same address before. */
static void put_fault(void *ctx, struct out *out, uint64_t va)
{
	const struct fault_record *r = NULL;

	(void)ctx;
	for (unsigned i = 0; i < FAULT_RING && (r = fault_recent(i)) != NULL; i++)
		if (!r->trap[0] && r->fault.va == va && r->result != FAULT_FIXED)
			break;
	if (!r || r->fault.va != va || r->trap[0] || r->result == FAULT_FIXED)
		return;
	out_printf(out, "FAULT: %s of %llx, ", r->fault.access == ACCESS_WRITE ? "write" :
	           r->fault.access == ACCESS_EXECUTE ? "execution" : "read", (unsigned long long)va);
	predict_put_code(out, arch_pt_mode()->format, r->fault.access, r->fault.code);
	out_printf(out, ": %s\n", fault_reason_text(fault_reason(r)));
}

const struct target_system live_system = {
	.space = space, .process = process, .implicit = implicit, .processes = live_processes, .vads = live_vads,
	.bugcheck = stopped_by, .put_fault = put_fault, .module = module, .check = check,
	.range = range, .identity = identity, .reg = reg, .sharers = sharers,
	.explain_fault = explain_last_fault, .example = live_example, .now = now, .peb = USER_PEB,
};
