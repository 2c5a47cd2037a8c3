/* shell/live/trap.c - .trap: the registers of the last unresolved trap.
 * SPDX-License-Identifier: MIT
 *
 * The frame is a copy that oops() or bugcheck() made, since the stack that contained it is reused.
 * The lines are those of an oops of Linux for this CPU family. `r` and @REGISTER read the same
 * frame.
 * WinDbg: .trap. Linux: the registers of an oops.
 */
#include "arch/trap.h"
#include "kernel/oops.h"
#include "shell/command.h"

/* last_trap() is NULL until the first trap that was not resolved; resolved faults do not count. */
static void trap_command(struct call *c)
{
	const struct trap_frame *f = last_trap();

	if (!f) {
		out_puts(c->out, "No trap so far.\n");
		return;
	}
	out_printf(c->out, "%s, code %llx\n", arch_trap_name(f), (unsigned long long)arch_trap_code(f));
	arch_oops_render(c->out, f);
}
COMMAND(trap) = {
	.name = "trap", .schema = "", .synopsis = "trap", .flags = CMD_READ_ONLY, .run = trap_command,
	.what = "the last unresolved trap: its kind and its registers",
	.help = "  kd> .trap\n  r and register names such as @{pc} read the same frame.\n  WinDbg: .trap\n",
};
