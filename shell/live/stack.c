/* shell/live/stack.c - .trap and k: the last trap's registers and the calls that led to it.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/backtrace.h"
#include "kernel/oops.h"
#include "kernel/trap.h"
#include "shell/command.h"

static const struct trap_frame *frame(struct call *c)
{
	if (!last_trap())
		out_puts(c->out, "No trap so far.\n");
	return last_trap();
}

static void trap_command(struct call *c)
{
	const struct trap_frame *f = frame(c);

	if (!f)
		return;
	out_printf(c->out, "%s, code %llx\n", arch_trap_name(f), (unsigned long long)arch_trap_code(f));
	arch_oops_render(c->out, f);
}
COMMAND(trap) = {
	.name = "trap", .schema = "", .synopsis = "trap", .flags = CMD_READ_ONLY, .run = trap_command,
	.what = "the last unresolved trap: its kind and its registers",
	.help = "  kd> .trap\n  r and register names such as @{pc} read the same frame.\n  WinDbg: .trap\n",
};

static void k(struct call *c)
{
	if (frame(c))
		call_trace_put(c->out, last_calls());
}
COMMAND(k) = {
	.name = "k", .schema = "", .synopsis = "k", .flags = CMD_READ_ONLY, .run = k,
	.what = "the calls that led to the last trap",
	.help = "  kd> k\n  WinDbg: k   gdb: bt   crash: bt\n",
};
