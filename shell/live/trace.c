/* shell/live/trace.c - trace: switches the report of each fault on and off.
 * SPDX-License-Identifier: MIT
 *
 * While it is on, each memory fault prints a line when it is handled, resolved or not
 * (kernel/trace.c): address, error code in words, VMA, action, entry before and after. The switch is
 * a bit of fault_watch, one word that the fault path tests anyway.
 * Linux: the tracepoint exceptions:page_fault_kernel.
 */
#include "kernel/trap.h"
#include "lib/string.h"
#include "shell/command.h"

/* Without an argument it prints the setting. Read-only: after a bugcheck tracing can still be
 * switched. */
static void trace(struct call *c)
{
	const char *w = c->arg[0].text;

	if (c->arg[0].given && strcmp(w, "on") && strcmp(w, "off")) {
		call_fail(c, 0, "expected on or off");
		return;
	}
	if (c->arg[0].given)
		fault_watch = strcmp(w, "on") ? fault_watch & ~(unsigned)WATCH_TRACE : fault_watch | WATCH_TRACE;
	out_printf(c->out, "trace is %s\n", fault_watch & WATCH_TRACE ? "on" : "off");
}
COMMAND(trace) = {
	.name = "trace", .schema = "W", .synopsis = "trace [on|off]", .flags = CMD_READ_ONLY, .run = trace,
	.what = "print each fault when it is resolved",
	.help = "  kd> trace on; demand 1000\n"
	        "  For each fault: the address, the error code in words, the VMA, the action, the entry before and after.\n"
	        "  Linux: trace-cmd record -e exceptions:page_fault_kernel\n",
};
