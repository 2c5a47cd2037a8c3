/* shell/live/process_fsck.c - every count held against every table: fsck.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/fsck.h"
#include "kernel/kernel.h"
#include "shell/command.h"
#include "shell/process.h"

static void check(struct call *c)
{
	const struct proc *p = NULL;
	unsigned n;

	if (c->arg[0].given) {
		p = call_process(c, 0);
		if (!p)
			return;
	}
	n = fsck(c->out, p);
	c->failed = n > 0;
	out_printf(c->out, n ? "fsck: %u complaints\n" : "fsck: clean\n", n);
}
COMMAND(fsck) = {
	.name = "fsck", .schema = "A", .synopsis = "fsck [PID]", .run = check,
	.what = "hold ranges, tables, frame counts and owners against each other",
	.help = "  kd> fsck\n"
	        "  Each page that an entry maps must lie in a range that allows it, and each frame's counts be what\n"
	        "  the tables of all processes say. Complaints are in Linux's words: Bad page map, Bad rss-counter\n"
	        "  state. The same is checked when a process ends. remap --raw makes something to complain of.\n"
	        "  Linux: print_bad_pte, CONFIG_DEBUG_VM\n",
};
