/* shell/look/fsck.c - fsck: compares the VMAs, the tables and the frame counts with each other.
 * SPDX-License-Identifier: MIT
 *
 * A VMA must permit each mapped page, and the reference and map counts of each frame must agree with
 * the tables of all processes (kernel/fsck.c). Errors have the form of Linux (print_bad_pte(),
 * check_mm()); the exit of a process reports those that it meets in the same form. The command fails
 * if there is an error.
 * Linux: CONFIG_DEBUG_VM and the messages of a bad page map.
 */
#include "inspect/target.h"
#include "shell/command.h"

/* The process of the argument, 0 without one. False: an error was printed. */
static bool process_of(struct call *c, uint64_t *address)
{
	const struct target *t = c->target;
	struct system_process p;

	*address = 0;
	if (!c->arg[0].given)
		return true;
	if (!t->system->process(t->system_ctx, c->arg[0].value, &p))
		call_no_process(c, 0);
	else if (p.ended)
		call_fail(c, 0, "the process has exited: only its status is left");
	else
		*address = p.address;
	return !c->failed;
}

/* With a process, only errors of its tables are reported; all tables are read in any case, because a
 * frame can be shared. Not read-only: it allocates a counter for each frame. */
static void check(struct call *c)
{
	const struct target *t = c->target;
	uint64_t process;
	unsigned n;

	if (!process_of(c, &process))
		return;
	n = t->system->check(t->system_ctx, c->out, process);
	c->failed = n > 0;
	out_printf(c->out, n ? "fsck: %u complaints\n" : "fsck: clean\n", n);
}
COMMAND(fsck) = {
	.name = "fsck", .schema = "A", .synopsis = "fsck [PID]", .flags = CMD_TARGET | CMD_PROCESSES, .run = check,
	.what = "compare VMAs, page tables, frame counts and owners",
	.help = "  kd> fsck\n"
	        "  A VMA must permit each mapped page, and the counts of each frame must agree with the tables of all processes.\n"
	        "  Errors have the form of Linux: Bad page map, Bad rss-counter state. The same check runs at the exit of a\n"
	        "  process. remap --raw causes an error.\n"
	        "  Linux: print_bad_pte, CONFIG_DEBUG_VM\n",
};
