/* shell/live/process_run.c - programs started, listed, waited for and ended: run, ps, wait, kill.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/bugcheck.h"
#include "kernel/console.h"
#include "kernel/initrd.h"
#include "lib/abi.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/process.h"

/* Prints how a program ended. Status 0 prints nothing. */
static void put_status(struct out *out, uint32_t pid, int32_t status)
{
	if (status == PROC_KILLED)
		out_printf(out, "[%x] killed\n", (unsigned)pid);
	else if (status == PROC_FAULTED)
		out_printf(out, "[%x] ended by an invalid access\n", (unsigned)pid);
	else if (status == PROC_OOPSED)
		out_printf(out, "[%x] ended by a kernel bug\n", (unsigned)pid);
	else if (status != 0)
		out_printf(out, "[%x] exit %d\n", (unsigned)pid, (int)status);
}

/* ---- waiting: Ctrl-C ends the program that is waited for ---- */

static bool broken;

static void kill_foreground(void)
{
	broken = true;
	if (console_reader)
		proc_kill(console_reader);
}

/* Waits for a child of the shell's. */
static void wait_for(struct call *c, struct proc *p)
{
	uint32_t pid = p->pid;
	int32_t status = 0;
	err_t err;

	console_reader = p;
	broken = false;
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
	if (broken)
		out_puts(c->out, "^C\n");
	c->failed |= err != OK || status != 0 || broken;
	if (err == OK)
		put_status(c->out, pid, status);
	else
		out_printf(c->out, "%s\n", err_text(err));
}

static bool is_mine(const struct proc *p)
{
	return p->parent == current_proc;
}

/* The exits of background programs are printed by the next command about processes. */
static void reap(struct call *c)
{
	for (struct list *l = procs.next, *next; l != &procs; l = next) {
		struct proc *p = container_of(l, struct proc, link);
		uint32_t pid = p->pid;
		int32_t status;

		next = l->next;
		if (!is_mine(p) || p->state != PROC_ZOMBIE || proc_wait(pid, &pid, &status) != OK)
			continue;
		out_printf(c->out, "[%x] has exited\n", (unsigned)pid);
		put_status(c->out, pid, status);
	}
}

/* ---- run ---- */

static bool take_arguments(struct call *c, const char *argv[], unsigned *argc, bool *background)
{
	const char *w;
	size_t at;

	*argc = 0;
	*background = false;
	while (call_next_word(c, &w, &at)) {
		size_t n = strlen(w);

		*background = n > 0 && w[n - 1] == '&';
		if (*background)
			((char *)(uintptr_t)w)[n - 1] = '\0';
		if (!*w)
			continue;
		if (*argc == ABI_ARGS_MAX) {
			call_fail_at(c, c->text + at, "too many arguments");
			return false;
		}
		argv[(*argc)++] = w;
	}
	return true;
}

static void list_programs(struct call *c)
{
	const struct file *f;

	for (unsigned i = 0; (f = initrd_file(i)) != NULL; i++)
		out_printf(c->out, "%-16s %8llu bytes, %llu pages in memory\n", f->name, (unsigned long long)f->size,
		           (unsigned long long)f->cached);
	if (!initrd_file(0))
		out_puts(c->out, "There is no initrd: the loader loaded only the kernel.\n");
}

static void run(struct call *c)
{
	const char *argv[ABI_ARGS_MAX];
	const char *first = c->rest;
	unsigned argc;
	bool background;
	struct proc *p;
	err_t err;

	if (!bugchecked)
		reap(c);
	if (!take_arguments(c, argv, &argc, &background))
		return;
	if (argc == 0)
		list_programs(c);
	if (argc == 0 || !call_may_change(c))
		return;
	err = proc_run(argv, argc, &p);
	if (err != OK)
		call_fail_at(c, first, "%s", err == ERR_NOT_FOUND ? "no such program; run without an argument lists them" :
		             err == ERR_INVALID ? "this file is not a program for this CPU" : err_text(err));
	else if (background)
		out_printf(c->out, "[%x] %s\n", (unsigned)p->pid, p->name);
	else
		wait_for(c, p);
}
COMMAND(run) = {
	.name = "run", .schema = "*", .synopsis = "run [NAME [ARGUMENTS] [&]]", .flags = CMD_READ_ONLY, .run = run,
	.what = "start a program of the initrd in a new process",
	.help = "  kd> run hello world; run vartest &\n"
	        "  Without & the shell waits for the program; Ctrl-C ends it. With & both run: see ps, wait, kill. The number in\n"
	        "  brackets is the process number, hexadecimal. Without NAME: lists the files.\n"
	        "  WinDbg: .create   Linux: sh\n",
};

/* ---- ps, wait, kill ---- */

static void ps(struct call *c)
{
	if (!bugchecked)
		reap(c);
	out_puts(c->out, " cid    decimal parent state    resident   private    faults  slices  name\n");
	list_for_each(l, &procs) {
		const struct proc *p = container_of(l, struct proc, link);

		out_printf(c->out, "%c%04x %8u   %04x %-8s %8llu  %8llu  %8llu %7llu  %s\n",
		           p == implicit_process(c->target) ? '*' : ' ', (unsigned)p->pid, (unsigned)p->pid,
		           p->parent ? (unsigned)p->parent->pid : 0, process_state(p),
		           (unsigned long long)process_resident(p), p->as ? (unsigned long long)p->as->committed : 0,
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

/* A process that can be ended or waited for. NULL: an error was printed. */
static struct proc *program(struct call *c, unsigned i)
{
	struct proc *p = proc_by_any(c->arg[i].value);

	if (!p)
		call_fail(c, i, "no process has this number or address; ps lists them");
	else if (p->kernel_only)
		call_fail(c, i, "this is a process of the kernel");
	else
		return p;
	return NULL;
}

/* Restarts at the head of the list after each wait, because proc_wait() removes the process from it. */
static void wait_all(struct call *c)
{
	bool found = true;

	while (found && !broken) {
		found = false;
		list_for_each(l, &procs)
			if (is_mine(container_of(l, struct proc, link))) {
				wait_for(c, container_of(l, struct proc, link));
				found = true;
				break;
			}
	}
}

static void wait(struct call *c)
{
	struct proc *p;

	broken = false;
	if (!c->arg[0].given) {
		wait_all(c);
		return;
	}
	p = program(c, 0);
	if (p && !is_mine(p))
		call_fail(c, 0, "its parent is not the shell");
	else if (p)
		wait_for(c, p);
}
COMMAND(wait) = {
	.name = "wait", .schema = "A", .synopsis = "wait [PID]", .run = wait,
	.what = "wait for the exit of a background program, or of all",
	.help = "  kd> run touch 10 &; wait\n  Ctrl-C ends the program that is waited for.\n  Linux: wait\n",
};

static void kill(struct call *c)
{
	struct proc *p = program(c, 0);

	if (!p)
		return;
	if (p->state == PROC_ZOMBIE) {
		reap(c);
		return;
	}
	proc_kill(p);
	if (is_mine(p)) {
		wait_for(c, p);
		c->failed = broken;
	}
}
COMMAND(kill) = {
	.name = "kill", .schema = "a", .synopsis = "kill PID", .run = kill,
	.what = "end a process",
	.help = "  kd> kill {program}\n  WinDbg: .kill   Linux: kill -9\n",
};
