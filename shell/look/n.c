/* shell/look/n.c - n: the radix of numbers without a prefix: 8, 10 or 16.
 * SPDX-License-Identifier: MIT
 *
 * It applies to expressions of all commands until it is changed, also after a bugcheck. Prefixes (0x
 * 0n 0t 0y) are not affected.
 * WinDbg: n.
 */
#include "shell/command.h"
#include "lib/string.h"

/* The argument is a word and not an expression: it is decimal whatever the radix is, so that `n 16`
 * means 16. */
static void radix(struct call *c)
{
	static const struct { const char *text; unsigned radix; } known[] = { { "8", 8 }, { "10", 10 }, { "16", 16 } };
	const char *text = c->arg[0].text;

	/* 0n says that it is decimal, which it is anyway. */
	if (str_starts(text, "0n"))
		text += 2;
	for (unsigned i = 0; c->arg[0].given && i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].text, text)) {
			shell_radix = known[i].radix;
			out_printf(c->out, "base is %u\n", shell_radix);
			return;
		}
	if (c->arg[0].given)
		call_fail(c, 0, "expected 8, 10 or 16");
	else
		out_printf(c->out, "base is %u\n", shell_radix);
}
COMMAND(n) = {
	.name = "n", .schema = "W", .synopsis = "n [8|10|16]", .flags = CMD_READ_ONLY | CMD_TARGET, .run = radix,
	.what = "the radix of numbers without a prefix",
	.help = "  kd> n 16\n  Its own argument is always decimal.\n  WinDbg: n\n",
};
