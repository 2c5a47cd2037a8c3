/* kernel/live_system.c - struct target_system of the running machine: address spaces, processes, VMAs and registers.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/live_system.h"
#include "arch/mmu.h"
#include "kernel/explain_fault.h"
#include "kernel/live.h"
#include "kernel/oops.h"
#include "kernel/proc.h"
#include "mm/mm.h"

/* The callbacks of inspect/system.h. `i` counts address spaces from 0 in order of the list
 * aspaces. */
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

/* `number`: a pid or the address of a struct proc. A zombie has no address space, and so no root. */
static bool process(void *ctx, uint64_t number, struct system_process *s)
{
	const struct proc *p = proc_by_any(number);

	(void)ctx;
	if (!p)
		return false;
	*s = (struct system_process){ .pid = p->pid, .name = p->name, .ended = !p->as };
	if (p->as)
		s->root = p->as->space.half[0].root;
	return true;
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

static unsigned sharers(void *ctx, paddr_t table)
{
	const struct frame *f = leaf_table_at(table);

	(void)ctx;
	return f ? f->sharers : 0;
}

const struct target_system live_system = {
	.space = space, .process = process, .range = range, .identity = identity, .reg = reg,
	.sharers = sharers, .explain_fault = explain_last_fault, .example = live_example, .now = now, .peb = USER_PEB,
};
