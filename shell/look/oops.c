/* shell/look/oops.c - oops: the oops that the target recorded, in the form of Linux.
 * SPDX-License-Identifier: MIT
 *
 * The live machine prints an oops when it happens. A scenario has the registers and the tables of
 * one, and this command prints its lines from them.
 * crash: log, bt.
 */
#include "inspect/target.h"
#include "shell/command.h"

static void oops_again(struct call *c)
{
	const struct target *t = c->target;

	if (!t->system || !t->system->oops)
		call_lacks(c, "the record of an oops");
	else if (!t->system->oops(t->system_ctx, c->out))
		out_puts(c->out, "No oops is recorded.\n");
}
COMMAND(oops) = {
	.name = "oops", .schema = "", .synopsis = "oops", .flags = CMD_READ_ONLY | CMD_TARGET, .run = oops_again,
	.what = "the oops of a scenario, from its registers and tables",
	.help = "  kd> load pae-large-page; oops; unload\n"
	        "  alias-free and arm-deferred-io have one. The live machine prints its own when it happens: see explain.\n"
	        "  crash: log, bt\n",
};
