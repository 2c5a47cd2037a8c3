/* shell/live/ps.c - ps: processes, one line each.
 * SPDX-License-Identifier: MIT
 *
 * Columns: pid in hexadecimal, as commands take it, and in decimal, as programs and Linux print it;
 * parent (0: none); state; resident and private (committed) pages; faults; slices, the switches to
 * it; name. * marks the implicit process. Zombies are listed until they are reaped, with no pages.
 * WinDbg: !process 0 0. Linux: ps.
 */
#include "kernel/bugcheck.h"
#include "shell/command.h"
#include "shell/live/children.h"
#include "shell/live/implicit_process.h"
#include "kernel/process_state.h"

/* Reports exits first, except after a bugcheck, when nothing may be freed. */
static void ps(struct call *c)
{
	if (!bugchecked)
		children_reap(c);
	out_puts(c->out, " cid    decimal parent state    resident   private    faults  slices  name\n");
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		out_printf(c->out, "%c%04x %8u   %04x %-8s %8llu  %8llu  %8llu %7llu  %s\n",
		           p == implicit_process(c->target) ? '*' : ' ', (unsigned)p->pid, (unsigned)p->pid,
		           p->parent ? (unsigned)p->parent->pid : 0, process_state(p),
		           (unsigned long long)process_resident(p),
		           p->as ? (unsigned long long)aspace_counts(p->as, NULL).committed : 0,
		           p->as ? (unsigned long long)p->as->faults : 0, (unsigned long long)p->slices, p->name);
	}
}
COMMAND(ps) = {
	.name = "ps", .schema = "", .synopsis = "ps", .flags = CMD_READ_ONLY, .run = ps,
	.what = "processes, one line each",
	.help = "  kd> ps\n"
	        "  Process number (hexadecimal, for commands, and decimal, as in the messages of programs and Linux), parent,\n"
	        "  state, mapped pages, private pages, faults, switches to it. * marks the selected process, see .process.\n"
	        "  WinDbg: !process 0 0   Linux: ps\n",
};
