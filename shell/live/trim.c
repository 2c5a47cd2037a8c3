/* shell/live/trim.c - trim: evicts all pages of a process that can be evicted.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/reclaim.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"

static void trim(struct call *c)
{
	struct proc *p = call_process(c, 0);
	unsigned n;

	if (!p)
		return;
	/* The first round clears the accessed bits, so that the second one finds every page unused. */
	n = trim_space(p->as, UINT32_MAX);
	n += trim_space(p->as, UINT32_MAX);
	out_printf(c->out, "%u page%s trimmed\n", n, n == 1 ? "" : "s");
}
COMMAND(trim) = {
	.name = "trim", .schema = "A", .synopsis = "trim [PID]", .run = trim,
	.what = "unmap all pages of a process",
	.help = "  kd> trim {program}\n"
	        "  The frames become Modified or Standby; a fault on one of them needs no transfer. See memusage.\n"
	        "  Windows: EmptyWorkingSet   Linux: memory.reclaim\n",
};
