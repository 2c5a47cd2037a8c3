/* shell/live/raise.c - raise: sets the IRQL at which commands run.
 * SPDX-License-Identifier: MIT
 *
 * At DISPATCH_LEVEL (2) and above a fault cannot wait for a page: the same access that is resolved
 * at PASSIVE_LEVEL (0) is bugcheck A there (kernel/trap.c). The level holds for commands only; the
 * prompt, which waits for input, runs at PASSIVE_LEVEL.
 * WinDbg: !irql. Windows: KeRaiseIrql, which has more levels.
 */
#include "shell/command.h"
#include "inspect/irql_name.h"

/* Without an argument it prints the level, which is allowed after a bugcheck. The new level takes
 * effect with the next command: shell.c sets current_irql before it runs one. */
static void raise(struct call *c)
{
	unsigned old = shell_irql;

	if (c->arg[0].given && !call_may_change(c))
		return;
	if (c->arg[0].given && !irql_named(c->arg[0].text, &shell_irql)) {
		call_fail(c, 0, "invalid IRQL: use 0, 1, 2, 3, ff or a name such as PASSIVE_LEVEL");
		return;
	}
	out_printf(c->out, "Commands run at IRQL %x (%s)", shell_irql, irql_name(shell_irql));
	if (shell_irql != old)
		out_printf(c->out, "; before: %x (%s)", old, irql_name(old));
	out_char(c->out, '\n');
}
COMMAND(raise) = {
	.name = "raise", .aliases = "irql", .schema = "W", .synopsis = "raise [LEVEL]", .flags = CMD_READ_ONLY, .run = raise,
	.what = "set the IRQL at which commands run",
	.help = "  kd> demand 1000; raise 2; touch {demand} r\n"
	        "  At DISPATCH_LEVEL (2) and above a fault must not wait for a page: it is bugcheck A, although the same\n"
	        "  access at PASSIVE_LEVEL would be resolved. Only faults that need no page are resolved: a kernel entry\n"
	        "  missing in this root, a clear A bit, a stale TLB entry. The prompt itself waits at PASSIVE_LEVEL.\n"
	        "  raise 0 restores PASSIVE_LEVEL for commands.\n"
	        "  WinDbg: !irql   Windows: KeRaiseIrql\n",
};
