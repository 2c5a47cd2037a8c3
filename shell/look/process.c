/* shell/look/process.c - !process: processes in the form of WinDbg.
 * SPDX-License-Identifier: MIT
 *
 * Argument 1: 0 for all processes, a process (number or address of its record), or nothing for the
 * implicit one. Argument 2: flags, of which bit 0 selects the long form. Argument 3: an image name,
 * which selects from all. The lines and their source are in docs/formats.md, section 5;
 * inspect/process.c prints them from a struct process_view.
 * WinDbg: !process. Linux: ps, /proc/PID/status.
 */
#include "inspect/process.h"
#include "lib/string.h"
#include "shell/command.h"

/* One pass over the processes: which of them are printed, and how. */
struct selection {
	struct call *c;
	bool in_full;
	const char *image;           /* NULL: of any name */
	uint64_t address;            /* of one; 0: of all */
	bool found;
};

/* Visitor. The image's name is compared as Windows does, in either case. One process was found: the rest is not visited. */
static bool put(void *arg, const struct process_view *p)
{
	struct selection *s = arg;

	if ((s->address && p->address != s->address) || (s->image && str_casecmp(p->image, s->image)))
		return true;
	s->found = true;
	(s->in_full ? windbg_process_long : windbg_process)(s->c->out, s->c->target, p);
	return !s->address;
}

/* The long form counts the tables and the resident pages of each process: only then does the system do that work. */
static void put_all(struct selection *s)
{
	const struct target *t = s->c->target;

	t->system->processes(t->system_ctx, s->in_full, put, s);
}

/* Every process, or with an image name those that have it, in either case. */
static void all(struct call *c)
{
	struct selection s = { .c = c, .in_full = c->arg[1].given && (c->arg[1].value & 1) };

	if (c->arg[2].given)
		s.image = c->arg[2].text;
	/* A debugger on its own machine prints no heading. */
	if (!s.image && !c->target->local)
		out_puts(c->out, "**** NT ACTIVE PROCESS DUMP ****\n");
	put_all(&s);
}

/* The long form is the default for one process, the short one for all, as in WinDbg. A value that is
 * no process prints WinDbg's message and is no error of the command. */
static void process(struct call *c)
{
	const struct target *t = c->target;
	struct selection s = { .c = c, .in_full = !c->arg[1].given || (c->arg[1].value & 1) };
	struct system_process p;

	if (c->arg[0].given && c->arg[0].value == 0)
		all(c);
	else if (c->arg[0].given ? t->system->process(t->system_ctx, c->arg[0].value, &p) : target_implicit(t, &p)) {
		s.address = p.address;
		put_all(&s);
	} else if (c->arg[0].given) {
		windbg_no_process(c->out, t, c->arg[0].value);
	} else {
		call_fail(c, COMMAND_ARGS, "no process has the selected root");
	}
}
COMMAND(process) = {
	.name = "!process", .aliases = "process", .schema = "AEW", .synopsis = "process [0|ADDR|PID [FLAGS [IMAGE]]]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_PROCESSES, .run = process,
	.what = "processes: all (0 0), those of an image, or one in full (7)",
	.help = "  kd> process 0 0; process 0 0 vartest; process {program} 7\n"
	        "  Cid: the number of the process. DirBase: the value of the CPU's root register while it runs (PAE: aligned\n"
	        "  to 32 bytes, not to a page). Peb: a page of its user memory (see peb). Flag 1 adds its memory use. A user\n"
	        "  address is not a process: use .process and vad.\n"
	        "  WinDbg: !process   Linux: ps, /proc/PID/status\n",
};
