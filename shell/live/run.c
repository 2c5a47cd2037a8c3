/* shell/live/run.c - run: starts a program of the initrd in a new process.
 * SPDX-License-Identifier: MIT
 *
 * Without & the shell waits for the program, which then owns the console; Ctrl-C kills it. With &
 * both run, and the exit is reported by a later `run` or `ps`, or by `wait` or
 * `kill` of that program. Without a name it
 * lists the files of the initrd.
 * WinDbg: .create. Linux: a shell; the list is that of ls.
 */
#include "kernel/bugcheck.h"
#include "kernel/initrd.h"
#include "lib/abi.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/live/children.h"

/* Splits the rest of the line into at most ABI_ARGS_MAX words. An & at the end of a word is removed;
 * at the end of the last one it makes *background true. The words stay in c->words: they are valid
 * for the duration of the command. False: an error was printed. */
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

/* Name, size in bytes, pages of it in the page cache. Files that are no programs are listed too. */
static void list_programs(struct call *c)
{
	const struct file *f;

	for (unsigned i = 0; (f = initrd_file(i)) != NULL; i++)
		out_printf(c->out, "%-16s %8llu bytes, %llu pages in memory\n", f->name, (unsigned long long)f->size,
		           (unsigned long long)f->object.frames);
	if (!initrd_file(0))
		out_puts(c->out, "There is no initrd: the loader loaded only the kernel.\n");
}

/* Read-only, because the list is; a program needs call_may_change(). After a bugcheck nothing is
 * reaped: that frees memory. */
static void run(struct call *c)
{
	const char *argv[ABI_ARGS_MAX];
	const char *first = c->rest;
	unsigned argc;
	bool background;
	struct proc *p;
	err_t err;

	if (!bugchecked)
		children_reap(c);
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
		child_wait(c, p);
}
COMMAND(run) = {
	.name = "run", .schema = "*", .synopsis = "run [NAME [ARGUMENTS] [&]]", .flags = CMD_READ_ONLY, .run = run,
	.what = "start a program of the initrd in a new process",
	.help = "  kd> run hello world; run vartest &\n"
	        "  Without & the shell waits for the program; Ctrl-C ends it. With & both run: see ps, wait, kill. The number in\n"
	        "  brackets is the process number, hexadecimal. Without NAME: lists the files.\n"
	        "  WinDbg: .create   Linux: sh\n",
};
