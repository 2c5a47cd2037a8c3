/* shell/live/wait.c - wait: for the exit of a background program, or of all.
 * SPDX-License-Identifier: MIT
 *
 * Sleeps in proc_wait() on the shell's wait queue; no polling. Ctrl-C kills the program that is
 * waited for. The command fails unless every status is 0.
 * Linux: wait of a shell.
 */
#include "shell/command.h"
#include "shell/live/children.h"

/* Restarts at the head of the list after each wait, because proc_wait() removes the process from it.
 * Ctrl-C ends the loop: the remaining programs stay in the background. */
static void wait_all(struct call *c)
{
	bool found = true;

	while (found && !child_wait_broken) {
		found = false;
		list_for_each(l, &procs)
			if (is_child(container_of(l, struct proc, link))) {
				child_wait(c, container_of(l, struct proc, link));
				found = true;
				break;
			}
	}
}

/* Only the parent can wait for a process (proc_wait()), so a process that a program forked is
 * refused. */
static void wait(struct call *c)
{
	struct proc *p;

	child_wait_broken = false;
	if (!c->arg[0].given) {
		wait_all(c);
		return;
	}
	p = call_program(c, 0);
	if (p && !is_child(p))
		call_fail(c, 0, "its parent is not the shell");
	else if (p)
		child_wait(c, p);
}
COMMAND(wait) = {
	.name = "wait", .schema = "A", .synopsis = "wait [PID]", .run = wait,
	.what = "wait for the exit of a background program, or of all",
	.help = "  kd> run touch 10 &; wait\n  Ctrl-C ends the program that is waited for.\n  Linux: wait\n",
};
