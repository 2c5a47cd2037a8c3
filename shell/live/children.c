/* shell/live/children.c - the programs that the shell started: waiting for them and reporting their exits.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/children.h"
#include "kernel/console.h"

/* Prints how a program ended. Status 0 prints nothing. A pid is in brackets, hexadecimal, an exit
 * status decimal. */
static void put_status(struct out *out, uint32_t pid, int32_t status)
{
	if (status == PROC_KILLED)
		out_printf(out, "[%x] killed\n", (unsigned)pid);
	else if (status == PROC_FAULTED)
		out_printf(out, "[%x] ended by an invalid access\n", (unsigned)pid);
	else if (status == PROC_BUS_ERROR)
		out_printf(out, "[%x] Bus error\n", (unsigned)pid);
	else if (status == PROC_OOPSED)
		out_printf(out, "[%x] ended by a kernel bug\n", (unsigned)pid);
	else if (status != 0)
		out_printf(out, "[%x] exit %d\n", (unsigned)pid, (int)status);
}

bool child_wait_broken;

/* Ctrl-C handler, in interrupt context. Marks the program as killed; it exits on its next return to
 * user mode. */
static void kill_foreground(void)
{
	child_wait_broken = true;
	if (console_reader)
		proc_kill(console_reader);
}

/* While the shell sleeps here, only p and its descendants may read the console. console_reader is
 * set before console_break(), because the handler uses it; shell_take_break() returns a Ctrl-C that
 * came before. */
void child_wait(struct call *c, struct proc *p)
{
	uint32_t pid = p->pid;
	int32_t status = 0;
	err_t err;

	console_reader = p;
	child_wait_broken = false;
	console_break(kill_foreground);
	/* Ctrl-C was typed before the handler was installed. */
	if (shell_take_break())
		kill_foreground();
	err = proc_wait(pid, &pid, &status);
	console_break(NULL);
	console_reader = NULL;
	/* What the program left of a line ends here. */
	if (console.column)
		out_char(&console, '\n');
	if (child_wait_broken)
		out_puts(c->out, "^C\n");
	c->failed |= err != OK || status != 0 || child_wait_broken;
	if (err == OK)
		put_status(c->out, pid, status);
	else
		out_printf(c->out, "%s\n", err_text(err));
}

bool is_child(const struct proc *p)
{
	return p->parent == current_proc;
}

/* The exits of background programs are printed by the next command about processes. `next` is read
 * before proc_wait(), which frees p. */
void children_reap(struct call *c)
{
	for (struct list *l = procs.next, *next; l != &procs; l = next) {
		struct proc *p = container_of(l, struct proc, link);
		uint32_t pid = p->pid;
		int32_t status;

		next = l->next;
		if (!is_child(p) || p->state != PROC_ZOMBIE || proc_wait(pid, &pid, &status) != OK)
			continue;
		out_printf(c->out, "[%x] has exited\n", (unsigned)pid);
		put_status(c->out, pid, status);
	}
}

struct proc *call_program(struct call *c, unsigned i)
{
	struct proc *p = proc_by_any(c->arg[i].value);

	if (!p)
		call_no_process(c, i);
	else if (p->kernel_only)
		call_fail(c, i, "this is a process of the kernel");
	else
		return p;
	return NULL;
}
