/* shell/live/process.c - !process: processes in the form of WinDbg.
 * SPDX-License-Identifier: MIT
 *
 * Argument 1: 0 for all processes, a process (number or address of its record), or nothing for the
 * implicit one. Argument 2: flags, of which bit 0 selects the long form. Argument 3: an image name,
 * which selects from all. The lines and their source are in docs/formats.md, section 5;
 * inspect/process.c prints them from a struct process_view.
 * WinDbg: !process. Linux: ps, /proc/PID/status.
 */
#include "inspect/process.h"
#include "kernel/proc.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"
#include "shell/live/process_state.h"

/* Visitor: counts the tables below the root. */
static bool count_table(void *ctx, const struct pt_visit_entry *e)
{
	uint64_t *tables = ctx;

	(void)e;
	++*tables;
	return true;
}

/* Fills in the part of v that needs p->as, which must not be NULL. Tables and pages are those of [0,
 * USER_END). vad_root is the root of the tree of VMAs, the VadRoot of WinDbg: `vad` accepts it. */
static void view_space(const struct proc *p, struct process_view *v)
{
	v->dirbase = p->as->space.half[0].root.v;
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
static struct process_view view(const struct proc *p)
{
	struct process_view v = {
		.address = (uintptr_t)p, .cid = p->pid, .parent_cid = p->parent ? p->parent->pid : 0,
		.peb = p->kernel_only || !p->as ? 0 : USER_PEB, .object_table = (uintptr_t)p->handle,
		.session = !p->kernel_only, .image = p->name, .slices = p->slices, .state = process_state(p),
	};

	for (size_t i = 0; i < ARRAY_LEN(p->handle); i++)
		v.handles += p->handle[i] != NULL;
	if (p->as)
		view_space(p, &v);
	return v;
}

static void put(struct out *out, const struct target *t, const struct proc *p, bool in_full)
{
	struct process_view v = view(p);

	(in_full ? windbg_process_long : windbg_process)(out, t, &v);
}

/* Every process, or with an image name those that have it, in either case. */
static void all(struct call *c, bool in_full)
{
	const char *image = c->arg[2].given ? c->arg[2].text : NULL;

	if (!image)
		out_puts(c->out, "**** NT ACTIVE PROCESS DUMP ****\n");
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		if (!image || !str_casecmp(p->name, image))
			put(c->out, c->target, p, in_full);
	}
}

/* The long form is the default for one process, the short one for all, as in WinDbg. A value that is
 * no process prints WinDbg's message and is no error of the command. */
static void process(struct call *c)
{
	bool in_full = !c->arg[1].given || (c->arg[1].value & 1);
	const struct proc *p;

	if (c->arg[0].given && c->arg[0].value == 0) {
		all(c, c->arg[1].given && (c->arg[1].value & 1));
		return;
	}
	p = c->arg[0].given ? proc_by_any(c->arg[0].value) : implicit_process(c->target);
	if (p)
		put(c->out, c->target, p, in_full);
	else
		windbg_no_process(c->out, c->target, c->arg[0].value);
}
COMMAND(process) = {
	.name = "!process", .aliases = "process", .schema = "AEW", .synopsis = "process [0|ADDR|PID [FLAGS [IMAGE]]]",
	.flags = CMD_READ_ONLY, .run = process,
	.what = "processes: all (0 0), those of an image, or one in full (7)",
	.help = "  kd> process 0 0; process 0 0 vartest; process {program} 7\n"
	        "  Cid: the number of the process. DirBase: the value of the CPU's root register while it runs (PAE: aligned\n"
	        "  to 32 bytes, not to a page). Peb: a page of its user memory (see peb). Flag 1 adds its memory use. A user\n"
	        "  address is not a process: use .process and vad.\n"
	        "  WinDbg: !process   Linux: ps, /proc/PID/status\n",
};
