/* shell/live/vad.c - vad: the VMAs of a process.
 * SPDX-License-Identifier: MIT
 *
 * A VMA plays the part of WinDbg's VAD; the level is its depth in the tree of VMAs
 * (mm/space/vma_tree.h), 0 for the root. Start and end are page numbers in the rows, as in WinDbg.
 * The kernel's values go into a struct vad_view; inspect/process.c prints it.
 * WinDbg: !vad. Linux: /proc/PID/maps; crash: vm.
 */
#include "inspect/process.h"
#include "mm/backing/file.h"
#include "mm/space/fault.h"
#include "mm/space/vma_tree.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"

/* Address of the prototype entry of the VMA's page i. 0: the VMA has no object, or no page of the file was ever needed. */
static uint64_t proto(const struct vma *v, uint64_t i)
{
	uint64_t index = (v->offset >> PAGE_SHIFT) + i;

	return v->object && v->object->table && index < v->object->pages ? (uintptr_t)object_entry_at(v->object, index) : 0;
}

/* The fields of v as !vad prints them. last_proto is that of the last page, inclusive. image: a
 * private mapping of a file, as a program's text and data are. */
static struct vad_view view(const struct vma *v)
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

/* Head, a row for each VMA in ascending order, foot with their number and levels. */
static void all(struct call *c, const struct proc *p)
{
	struct vad_levels levels = { 0 };

	windbg_vad_head(c->out);
	list_for_each(l, &p->as->vmas) {
		struct vad_view v = view(container_of(l, struct vma, link));

		windbg_vad_row(c->out, c->target, &v);
		windbg_vad_count(&levels, &v);
	}
	windbg_vad_foot(c->out, &levels);
}

/* Prints the VMA of p that covers va; p must have an address space. An error is printed below
 * argument i. */
static void one(struct call *c, unsigned i, const struct proc *p, uint64_t va)
{
	const struct vma *m = vma_find(p->as, va);
	struct vad_view v;

	if (!m) {
		call_fail(c, i, "no VMA covers %llx in %s", (unsigned long long)va, p->name);
		return;
	}
	v = view(m);
	windbg_vad(c->out, c->target, &v);
}

/* The VMA whose record is at this address: VadRoot of !process, the first column of vad. All
 * processes are searched, since the address says nothing about its owner. */
static const struct vma *record_at(uint64_t at)
{
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (!p->as)
			continue;
		list_for_each(k, &p->as->vmas)
			if ((uintptr_t)container_of(k, struct vma, link) == at)
				return container_of(k, struct vma, link);
	}
	return NULL;
}

/* m was found in a process by record_at(), so its address space has an owner. With 1 it prints this
 * VMA, with an address the one that covers it, else all of the process. */
static void by_record(struct call *c, const struct vma *m)
{
	struct vad_view v = view(m);

	if (c->arg[1].given && c->arg[1].value == 1)
		windbg_vad(c->out, c->target, &v);
	else if (c->arg[1].given)
		one(c, 1, m->as->owner, c->arg[1].value);
	else
		all(c, m->as->owner);
}

/* No VMA begins in the first page, so a smaller number is a wrong process number. */
static void by_address(struct call *c, uint64_t va)
{
	if (va < PAGE_SIZE || (c->arg[1].given && c->arg[1].value != 1))
		call_no_process(c, 0);
	else
		one(c, 0, implicit_process(c->target), va);
}

/* vad | vad PID [VA] | vad RECORD [1|VA] | vad VA [1]: what is neither process nor record is an
 * address. */
static void vad(struct call *c)
{
	uint64_t first = c->arg[0].value;
	const struct proc *p = c->arg[0].given ? proc_by_any(first) : implicit_process(c->target);
	const struct vma *record = p ? NULL : record_at(first);

	if (record)
		by_record(c, record);
	else if (!p)
		by_address(c, first);
	else if (!p->as)
		call_fail(c, 0, "the process has exited");
	else if (c->arg[1].given)
		one(c, 1, p, c->arg[1].value);
	else
		all(c, p);
}
COMMAND(vad) = {
	.name = "vad", .schema = "AA", .synopsis = "vad [PID [VA] | VADROOT [1] | VA [1]]", .flags = CMD_READ_ONLY, .run = vad,
	.what = "the VMAs of a process",
	.help = "  kd> vad {program}; vad {program} 400000; .process /P {program}; vad 400000 1\n"
	        "  VADROOT: the value that !process shows, or an address of the first column; with 1 only that row. Without a\n"
	        "  process, VA is looked up in the one that .process selected. Start and end are page numbers\n"
	        "  (VPN), as in WinDbg. Commit: number of private frames, without those of a file or section. VMAs form a\n"
	        "  balanced tree: level is the number of VMAs above one in it, 0 for the root, which VADROOT\n"
	        "  names; the average is rounded up. FirstProtoPte: address of the first page's prototype entry, which says\n"
	        "  where that page of the file or section is. locked: by mlock(), so its pages stay in memory.\n"
	        "  WinDbg: !vad   crash: vm   Linux: /proc/PID/maps\n",
};
