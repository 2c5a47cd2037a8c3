/* shell/look/walk.c - walk: the walk to a variable of a process, as a kernel module of Linux logs it.
 * SPDX-License-Identifier: MIT
 *
 * The lines have the form of pr_info() with time stamps. Linux has names for five levels; a level
 * that the format does not have is folded into the one above, with the same pointer (Linux: folded
 * page tables).
 * WinDbg: !vtop. crash: vtop.
 */
#include "inspect/linux.h"
#include "shell/command.h"
#include "shell/look/translated.h"

/* Sets the root of *t to that of the process whose number is argument 0, and *pid to its number. As
 * Linux has it, 0 is the kernel: the reference tables. False: an error was printed. */
static bool tables(struct call *c, struct target *t, uint32_t *pid)
{
	uint64_t number = c->arg[0].value;
	struct system_process p;
	struct system_space s;

	*pid = 0;
	t->decode = DECODE_ALL;
	if (number == 0) {
		if (target_reference_space(t, &s))
			t->root = s.root;
		return true;
	}
	if (!t->system || !t->system->process) {
		call_lacks(c, "processes");
		return false;
	}
	if (!t->system->process(t->system_ctx, number, &p) || p.ended) {
		call_no_process(c, 0);
		return false;
	}
	t->root = p.root;
	*pid = p.pid;
	return true;
}

/* Works on a copy of the target, because the walk uses the root of the process for all addresses,
 * whatever .cache says. */
static void walk(struct call *c)
{
	struct target t = *c->target;
	uint32_t pid;

	if (!tables(c, &t, &pid))
		return;
	linux_walk_log(c->out, &t, (int)pid, c->arg[1].value, t.system ? t.system->now : NULL, t.system_ctx);
	c->no_answer = !is_translated(&t, c->arg[1].value);
}
COMMAND(walk) = {
	.name = "walk", .schema = "aa", .synopsis = "walk PID VA", .flags = CMD_READ_ONLY | CMD_TARGET, .run = walk,
	.what = "the walk to a variable of a process, as a Linux kernel module logs it",
	.help = "  kd> run vartest &\n"
	        "  vartest prints its process number and the address of its variable, on its stack.\n"
	        "  kd> walk {program} {stack}\n"
	        "  Process 0 is the kernel. Linux has names for five levels; levels that the format does not have are folded into\n"
	        "  the one above.\n"
	        "  WinDbg: !vtop   crash: vtop\n",
};
