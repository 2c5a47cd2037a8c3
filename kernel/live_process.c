/* kernel/live_process.c - the running machine's processes and VMAs, as !process and !vad print them.
 * SPDX-License-Identifier: MIT
 *
 * A VMA plays the part of WinDbg's VAD; the level is its depth in the tree of VMAs (mm/space/vma_tree.h), 0 for the root.
 */
#include "kernel/live_process.h"
#include "kernel/proc.h"
#include "kernel/process_state.h"
#include "mm/backing/file.h"
#include "mm/space/fault.h"
#include "mm/space/share.h"
#include "mm/space/vma_tree.h"

/* Visitor: counts the tables below the root. */
static bool count_table(void *ctx, const struct pt_visit_entry *e)
{
	uint64_t *tables = ctx;

	(void)e;
	++*tables;
	return true;
}

/* Fills in the part of v that needs p->as, which must not be NULL, and is printed in the long form only. Tables and pages are
 * those of [0, USER_END). vad_root is the root of the tree of VMAs, the VadRoot of WinDbg: `vad` accepts it. */
static void view_space(const struct proc *p, struct process_view *v)
{
	v->committed = aspace_counts(p->as, NULL).committed;
	v->faults = p->as->faults;
	if (pt_visit(&p->as->space, 0, USER_END - 1, PT_VISIT_TABLE, count_table, &v->tables) != OK)
		v->tables = 0;
	v->synced = p->as->synced;
	v->resident = process_resident(p);
	v->vad_root = list_empty(&p->as->vmas) ? 0 : (uintptr_t)p->as->vma_root;
	list_for_each(l, &p->as->vmas) {
		const struct vma *m = container_of(l, struct vma, link);

		v->vads++;
		v->virtual_bytes += m->last + 1 - m->first;
	}
}

/* Everything that !process prints of p; p may be a zombie, whose address space is NULL. kd has no
 * program and so no PEB and no session. */
static struct process_view view(const struct proc *p, bool in_full)
{
	struct process_view v = {
		.address = (uintptr_t)p, .cid = p->pid, .parent_cid = p->parent ? p->parent->pid : 0,
		.peb = p->kernel_only || !p->as ? 0 : USER_PEB, .object_table = (uintptr_t)p->handle,
		.session = !p->kernel_only, .image = p->name, .slices = p->slices, .state = process_state(p),
	};

	for (size_t i = 0; i < ARRAY_LEN(p->handle); i++)
		v.handles += p->handle[i] != NULL;
	if (p->as)
		v.dirbase = p->as->space.half[0].root.v;
	if (p->as && in_full)
		view_space(p, &v);
	return v;
}

/* Tasks of the kernel are processes, too: they have no PEB and no session. A zombie is listed until its parent has waited for
 * it. */
void live_processes(void *ctx, bool in_full, bool (*each)(void *arg, const struct process_view *p), void *arg)
{
	(void)ctx;
	list_for_each(l, &procs) {
		struct process_view v = view(container_of(l, struct proc, link), in_full);

		if (!each(arg, &v))
			return;
	}
}

/* ---- VMAs ---- */

/* Address of the prototype entry of the VMA's page i. 0: the VMA has no object, or no page of the file was ever needed. */
static uint64_t proto(const struct vma *v, uint64_t i)
{
	uint64_t index = (v->offset >> PAGE_SHIFT) + i;

	return v->object && v->object->table && index < v->object->pages ? (uintptr_t)object_entry_at(v->object, index) : 0;
}

/* The fields of v as !vad prints them. last_proto is that of the last page, inclusive. image: a
 * private mapping of a file, as a program's text and data are. */
static struct vad_view view_of(const struct vma *v)
{
	uint64_t pages = (v->last - v->first) >> PAGE_SHIFT;

	return (struct vad_view){
		.address = (uintptr_t)v, .level = (int)vma_tree_level(v), .first = v->first, .last = v->last,
		.committed = vma_committed(v),
		.control_area = (uintptr_t)v->object, .first_proto = proto(v, 0), .last_proto = proto(v, pages),
		.offset = v->offset, .shared = v->flags & VMA_SHARED, .guard = v->flags & VMA_GUARD, .prot = v->prot,
		.locked = v->flags & VMA_LOCKED,
		.image = v->backing == &backing_file && !(v->flags & VMA_SHARED), .name = v->name,
	};
}

/* A process that has exited has no VMAs: `each` is not called, as for a number that no process has. */
void live_vads(void *ctx, uint64_t process, bool (*each)(void *arg, const struct vad_view *v), void *arg)
{
	const struct proc *p = proc_by_any(process);

	(void)ctx;
	if (!p || !p->as)
		return;
	list_for_each(l, &p->as->vmas) {
		struct vad_view v = view_of(container_of(l, struct vma, link));

		if (!each(arg, &v))
			return;
	}
}
