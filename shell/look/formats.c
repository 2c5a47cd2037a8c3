/* shell/look/formats.c - .formats: a value in every notation.
 * SPDX-License-Identifier: MIT
 *
 * Hexadecimal, decimal, octal, binary, characters, time (time_t or FILETIME), float and double, in
 * the form of WinDbg (inspect/formats.h).
 */
#include "inspect/formats.h"
#include "shell/command.h"

/* The leading . is not part of the name: the lookup ignores it, so `formats` works too. */
static void formats(struct call *c)
{
	windbg_formats(c->out, c->target, c->arg[0].value);
}
COMMAND(formats) = {
	.name = "formats", .schema = "e", .synopsis = "formats EXPRESSION",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = formats,
	.what = "a value in every notation",
	.help = "  kd> .formats 1c407e62\n  Hexadecimal, decimal, octal, binary, characters, time, float, double.\n"
	        "  WinDbg: .formats\n",
};
