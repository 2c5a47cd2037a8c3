/* shell/look/cr.c - cr: the control registers, with their bits by name.
 * SPDX-License-Identifier: MIT
 *
 * A name in capitals: the bit is set. Names, places and order of the bits are tables of the CPU
 * family (isa/isa.h: struct creg); inspect/creg.c prints them. The values are those of now, not of
 * the last trap.
 * Bochs: creg. WinDbg: r cr0, then .formats.
 */
#include "inspect/creg.h"
#include "shell/command.h"

/* @cr0 and cr0 are the same register here. */
static void cr(struct call *c)
{
	if (!c->arg[0].given)
		creg_show_all(c->out, c->target);
	else if (creg_show(c->out, c->target, c->arg[0].text + (*c->arg[0].text == '@')) != OK)
		call_fail(c, 0, "no such control register");
}
COMMAND(cr) = {
	.name = "cr", .aliases = "creg", .schema = "W", .synopsis = "cr [REGISTER]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = cr,
	.what = "control registers, bits by name",
	.help = "  kd> cr {control}\n  A name in capitals: the bit is set.\n  Bochs: creg   WinDbg: r cr0, .formats\n",
};
