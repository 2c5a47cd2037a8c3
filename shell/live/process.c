/* shell/live/process.c - !process lists processes, .process selects one.
 * SPDX-License-Identifier: MIT
 *
 * The implicit process is the process that owns the root that commands look at. How far its tables are believed is the
 * target's decode mode: see cache.c.
 */
#include "inspect/process.h"
#include "kernel/live.h"
#include "kernel/proc.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "shell/command.h"
#include "shell/process.h"

/* ---- what the other process commands use, too ---- */

struct proc *implicit_process(const struct target *t)
{
	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);

		if (p->as && p->as->space.half[0].root.v == t->root.v)
			return p;
	}
	return current_proc;
}

struct proc *call_process(struct call *c, unsigned i)
{
	struct proc *p;

	if (!c->arg[i].given)
		return implicit_process(c->target);
	p = proc_by_any(c->arg[i].value);
	if (!p)
		call_fail(c, i, "no process has this number or address; ps lists them");
	else if (!p->as)
		call_fail(c, i, "the process has exited: only its status is left");
	else
		return p;
	return NULL;
}

struct target target_of(const struct target *live, const struct proc *p)
{
	struct target t = *live;

	t.root = p->as->space.half[0].root;
	t.decode = DECODE_ALL;
	return t;
}

/* ---- !process ---- */

static const char *const state_name[] = {
	[PROC_READY] = "ready", [PROC_RUNNING] = "running", [PROC_WAITING] = "waiting", [PROC_ZOMBIE] = "ended",
};

const char *process_state(const struct proc *p)
{
	return p->killed && p->state != PROC_ZOMBIE ? "killed" : state_name[p->state];
}

static bool count_leaf(void *ctx, const struct pt_visit_entry *e)
{
	uint64_t *pages = ctx;

	*pages += e->size / PAGE_SIZE;
	return true;
}

static bool count_table(void *ctx, const struct pt_visit_entry *e)
{
	uint64_t *tables = ctx;

	(void)e;
	++*tables;
	return true;
}

uint64_t process_resident(const struct proc *p)
{
	uint64_t pages = 0;

	if (p->as && pt_visit(&p->as->space, 0, USER_END - 1, PT_VISIT_LEAF, count_leaf, &pages) != OK)
		pages = 0;
	return pages;
}

/* Fills in the part of v that needs p->as, which must not be NULL. Tables and pages are those of [0, USER_END). */
static void view_space(const struct proc *p, struct process_view *v)
{
	v->dirbase = p->as->space.half[0].root.v;
	v->committed = p->as->committed;
	v->faults = p->as->faults;
	if (pt_visit(&p->as->space, 0, USER_END - 1, PT_VISIT_TABLE, count_table, &v->tables) != OK)
		v->tables = 0;
	v->synced = p->as->synced;
	v->resident = process_resident(p);
	v->vad_root = list_empty(&p->as->vmas) ? 0 : (uintptr_t)container_of(p->as->vmas.next, struct vma, link);
	list_for_each(l, &p->as->vmas) {
		const struct vma *m = container_of(l, struct vma, link);

		v->vads++;
		v->virtual_bytes += m->last + 1 - m->first;
	}
}

/* Everything that !process prints of p; p may be a zombie, whose address space is NULL. */
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

/* ---- .process ---- */

static void tell_implicit(struct call *c)
{
	out_puts(c->out, "Implicit process is now ");
	windbg_address(c->out, c->target, (uintptr_t)implicit_process(c->target));
	out_char(c->out, '\n');
}

/* Selects p, which must have an address space. option: "/p", "/P", or NULL, which leaves the decode mode as it is. */
static void choose(struct call *c, struct proc *p, const char *option)
{
	live_look_at(p->as->space.half[0].root);
	if (option)
		live_decode(option[1] == 'P' ? DECODE_ALL : DECODE_USER);
	tell_implicit(c);
	if (option)
		out_printf(c->out, ".cache %s done\n", decode_option(c->target->decode));
	else if (c->target->decode == DECODE_NONE && p != current_proc)
		out_puts(c->out, "WARNING: .cache forcedecodeuser is not enabled\n");
}

/* /p and /P look alike but for their case; the last one counts. */
static bool take_options(struct call *c, const char **option)
{
	while (*c->rest == '/') {
		const char *where = c->rest, *word;
		size_t at;

		(void)call_next_word(c, &word, &at);
		if (strcmp(word, "/p") && strcmp(word, "/P")) {
			call_fail_at(c, where, "no such option");
			return false;
		}
		*option = word;
		while (*c->rest == ' ')
			c->rest++;
	}
	return true;
}

static void dot_process(struct call *c)
{
	const char *option = NULL, *where;
	struct proc *p = current_proc;
	uint64_t value = 0;

	if (!take_options(c, &option))
		return;
	where = c->rest;
	if (!*where && !option) {
		tell_implicit(c);
		return;
	}
	if (*where && !call_next(c, &value))
		return;
	value = target_address(c->target, value);
	if (!call_end(c))
		return;
	if (value)
		p = proc_by_any(value);
	if (!p || !p->as)
		call_fail_at(c, where, p ? "it has ended" :
		             "no process has this number or address; process 0 0 lists them");
	else
		choose(c, p, option);
}
COMMAND(process_dot) = {
	.name = ".process", .schema = "*", .synopsis = ".process [/p] [/P] [ADDR|PID]", .flags = CMD_READ_ONLY,
	.run = dot_process,
	.what = "select the process that commands inspect",
	.help = "  kd> .process /P {program}; pte 400000; vtop 0 400000; .process 0\n"
	        "  The shell runs in a process of its own, kd, and the CPU walks the tables of kd. Without an option only the\n"
	        "  second list below uses the selected process. /p: user addresses are translated with the tables of the\n"
	        "  selected process; but pte reads entries at kernel addresses, in the self-map, which is still that of kd: its\n"
	        "  output is wrong. /P: also entries are read from the tables of the selected process. The option stays in\n"
	        "  effect for the next .process without one; see .cache. 0 selects kd again. @cr3 never changes.\n"
	        "  Affected by the option: d*, e*, fill, cmp, s, poi(), pte, setpte. Always use the selected process: vtop 0,\n"
	        "  ptov, ptdump, explain, predict, address. touch and probe are real accesses, made by kd. map, unmap,\n"
	        "  protect and demand change the kernel half, which all processes share.\n"
	        "  WinDbg: .process   crash: set\n",
};
