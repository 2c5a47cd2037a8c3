/* shell/live/kill.c - kill: ends a process.
 * SPDX-License-Identifier: MIT
 *
 * proc_kill() marks the process and wakes it; it exits on its next return to user mode, so the
 * command waits for the exit of a child. A process that a program has forked is killed, and its
 * parent learns the status.
 * WinDbg: .kill. Linux: kill -9; there are no signals here.
 */
#include "shell/command.h"
#include "shell/live/children.h"

/* A zombie cannot be killed: its exit is reported instead. The status of a killed program is not 0,
 * which child_wait() marks as a failure. It is none here: only Ctrl-C during the wait makes this
 * command fail. */
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
