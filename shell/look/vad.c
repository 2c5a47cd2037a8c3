/* shell/look/vad.c - vad: the VMAs of a process.
 * SPDX-License-Identifier: MIT
 *
 * A VMA plays the part of WinDbg's VAD; the level is its depth in the tree of VMAs
 * (mm/space/vma_tree.h), 0 for the root. Start and end are page numbers in the rows, as in WinDbg.
 * The kernel's values go into a struct vad_view; inspect/process.c prints it.
 * WinDbg: !vad. Linux: /proc/PID/maps; crash: vm.
 */
#include "inspect/process.h"
#include "shell/command.h"

/* The callback is the only way to the VMAs: the kernel and a scenario keep them differently, and both call `each` in
 * ascending order until it returns false. */
static void visit(const struct target *t, uint64_t process, bool (*each)(void *arg, const struct vad_view *v), void *arg)
{
	t->system->vads(t->system_ctx, process, each, arg);
}

/* ---- all of a process ---- */

/* The foot needs the levels of all rows, and there may be 65,536 of them: they are counted while the rows are printed. */
struct rows { struct call *c; struct vad_levels levels; };

static bool put_row(void *arg, const struct vad_view *v)
{
	struct rows *r = arg;

	windbg_vad_row(r->c->out, r->c->target, v);
	windbg_vad_count(&r->levels, v);
	return true;
}

/* Head, a row for each VMA in ascending order, foot with their number and levels. */
static void all(struct call *c, const struct system_process *p)
{
	struct rows r = { .c = c };

	windbg_vad_head(c->out);
	visit(c->target, p->address, put_row, &r);
	windbg_vad_foot(c->out, &r.levels);
}

/* ---- one ---- */

/* The VMA that covers va, or whose record is at this address. */
struct search { uint64_t va, record; struct vad_view found; bool has; };

/* Visitor: copies the match, because the view is the visitor's only during the call. */
static bool compare(void *arg, const struct vad_view *v)
{
	struct search *s = arg;

	s->has = s->record ? v->address == s->record : v->first <= s->va && s->va <= v->last;
	if (s->has)
		s->found = *v;
	return !s->has;
}

/* Prints the VMA of p that covers va. An error is printed below argument i. */
static void one(struct call *c, unsigned i, const struct system_process *p, uint64_t va)
{
	struct search s = { .va = va };

	visit(c->target, p->address, compare, &s);
	if (s.has)
		windbg_vad(c->out, c->target, &s.found);
	else
		call_fail(c, i, "no VMA covers %llx in %s", (unsigned long long)va, p->name);
}

/* ---- the VMA whose record is at an address: VadRoot of !process, the first column of vad ---- */

/* All processes are searched, since the address says nothing about its owner. */
struct owner_search { const struct target *t; struct search vma; uint64_t process; };

static bool search_process(void *arg, const struct process_view *p)
{
	struct owner_search *s = arg;

	visit(s->t, p->address, compare, &s->vma);
	s->process = p->address;
	return !s->vma.has;
}

/* With 1 it prints this VMA, with an address the one that covers it, else all of its process. False:
 * no VMA has its record there. */
static bool by_record(struct call *c, uint64_t at)
{
	const struct target *t = c->target;
	struct owner_search s = { .t = t, .vma.record = at };
	struct system_process p;

	t->system->processes(t->system_ctx, false, search_process, &s);
	if (!s.vma.has || !t->system->process(t->system_ctx, s.process, &p))
		return false;
	if (c->arg[1].given && c->arg[1].value == 1)
		windbg_vad(c->out, t, &s.vma.found);
	else if (c->arg[1].given)
		one(c, 1, &p, c->arg[1].value);
	else
		all(c, &p);
	return true;
}

/* No VMA begins in the first page, so a smaller number is a wrong process number. */
static void by_address(struct call *c, uint64_t va)
{
	struct system_process p;

	if (va < PAGE_SIZE || (c->arg[1].given && c->arg[1].value != 1))
		call_no_process(c, 0);
	else if (!target_implicit(c->target, &p))
		call_fail(c, 0, "no process is selected");
	else
		one(c, 0, &p, va);
}

/* vad | vad PID [VA] | vad RECORD [1|VA] | vad VA [1]: what is neither process nor record is an
 * address. */
static void vad(struct call *c)
{
	const struct target *t = c->target;
	uint64_t first = c->arg[0].value;
	struct system_process p;

	if (c->arg[0].given ? !t->system->process(t->system_ctx, first, &p) : !target_implicit(t, &p)) {
		if (!c->arg[0].given || !first || !by_record(c, first))
			by_address(c, first);
		return;
	}
	if (p.ended)
		call_fail(c, 0, "the process has exited");
	else if (c->arg[1].given)
		one(c, 1, &p, c->arg[1].value);
	else
		all(c, &p);
}
COMMAND(vad) = {
	.name = "vad", .schema = "AA", .synopsis = "vad [PID [VA] | VADROOT [1] | VA [1]]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_PROCESSES, .run = vad,
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
