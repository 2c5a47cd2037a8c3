/* shell/live/trace.c - trace: switches the report of each fault on and off.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/trap.h"
#include "lib/string.h"
#include "shell/command.h"

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
