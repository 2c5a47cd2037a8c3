/* shell/live/k.c - k: the calls that led to the last unresolved trap.
 * SPDX-License-Identifier: MIT
 *
 * The trace was recorded with the trap, from the frame pointers (kernel/backtrace.h). One line for
 * each call, innermost first.
 * WinDbg: k. gdb: bt. crash: bt.
 */
#include "kernel/backtrace.h"
#include "kernel/oops.h"
#include "shell/command.h"

/* Read-only, and it walks no stack: after a bugcheck the old stack may be damaged. */
static void k(struct call *c)
{
	if (last_trap())
		call_trace_put(c->out, last_calls());
	else
		out_puts(c->out, "No trap so far.\n");
}
COMMAND(k) = {
	.name = "k", .schema = "", .synopsis = "k", .flags = CMD_READ_ONLY, .run = k,
	.what = "the calls that led to the last trap",
	.help = "  kd> k\n  WinDbg: k   gdb: bt   crash: bt\n",
};
