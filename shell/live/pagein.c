/* shell/live/pagein.c - pagein: brings a page of a process into memory.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/remote.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"

static void pagein(struct call *c)
{
	struct proc *p = call_process(c, 0);
	pfn_t pfn;
	err_t err;

	if (!p)
		return;
	err = aspace_fault_in(p->as, c->arg[1].value, false, &pfn);
	if (err != OK)
		call_fail(c, 1, "cannot page it in: %s", err_text(err));
	else
		out_printf(c->out, "%llx is mapped, frame %llx\n", (unsigned long long)c->arg[1].value, (unsigned long long)pfn.v);
}
COMMAND(pagein) = {
	.name = "pagein", .schema = "ea", .synopsis = "pagein PID VA", .run = pagein,
	.what = "bring a page of a process into memory",
	.help = "  kd> pagein {program} 10001000\n"
	        "  The same as a read of the page by the process.\n"
	        "  WinDbg: .pagein /p   Linux: madvise(MADV_WILLNEED)\n",
};
