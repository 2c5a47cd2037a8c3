/* shell/live/kill.c - kill: ends a program.
 * SPDX-License-Identifier: MIT
 */
#include "shell/command.h"
#include "shell/live/children.h"

static void kill(struct call *c)
{
	struct proc *p = call_program(c, 0);

	if (!p)
		return;
	if (p->state == PROC_ZOMBIE) {
		children_reap(c);
		return;
	}
	proc_kill(p);
	if (is_child(p)) {
		child_wait(c, p);
		c->failed = child_wait_broken;
	}
}
COMMAND(kill) = {
	.name = "kill", .schema = "a", .synopsis = "kill PID", .run = kill,
	.what = "end a process",
	.help = "  kd> kill {program}\n  WinDbg: .kill   Linux: kill -9\n",
};
