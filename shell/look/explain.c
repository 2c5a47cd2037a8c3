/* shell/look/explain.c - explain: a translation done by hand, or the last fault.
 * SPDX-License-Identifier: MIT
 *
 * With an argument inspect/explain.c prints it step by step: indices, the address of each entry,
 * each bit in words. Without one, the last fault is explained from its record, not from the tables
 * of now.
 */
#include "inspect/explain.h"
#include "shell/command.h"

/* Without an argument the target must have a last fault: only the live machine records faults. An
 * argument is an address or an entry; explain() decides, and its first line says which. */
static void explain_command(struct call *c)
{
	const struct target_system *system = c->target->system;

	if (c->arg[0].given) {
		c->no_answer = !explain(c->out, c->target, c->arg[0].value);
		target_put_sharing(c->out, c->target, c->target->root, c->arg[0].value);
	} else if (system && system->explain_fault) {
		system->explain_fault(c->target->system_ctx, c->out);
	} else {
		call_lacks(c, "an address, since only the live machine has a last fault");
	}
}
COMMAND(explain) = {
	.name = "explain", .schema = "A", .synopsis = "explain [VA|ENTRY]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = explain_command,
	.what = "a translation step by step; without an argument: the last fault",
	.help = "  kd> explain kmain\n"
	        "  The walk as a picture; the address in binary, split into indices; table address + index * entry size for each\n"
	        "  level; each bit of each entry in words; the bytes at the virtual and at the physical address.\n",
};
