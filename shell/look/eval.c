/* shell/look/eval.c - ? and n: expressions and the radix that their numbers have.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/formats.h"
#include "lib/string.h"
#include "shell/command.h"

/* WinDbg shows as many digits as the target's addresses have, or more when the value needs them. */
static void question(struct call *c)
{
	uint64_t v = c->arg[0].value;

	out_printf(c->out, "Evaluate expression: %lld = ", (long long)v);
	if (target_needs_upper(c->target, v))
		out_printf(c->out, "%08x`", (unsigned)(v >> 32));
	out_printf(c->out, "%08x", (unsigned)v);
	out_char(c->out, '\n');
}
COMMAND(eval) = {
	.name = "?", .aliases = "eval", .schema = "e", .synopsis = "? EXPRESSION",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = question,
	.what = "an expression's value, decimal and hexadecimal",
	.help = "  kd> ? (4009e3 & fff) + 0n10\n"
	        "  0x 0n 0t 0y before a number: hexadecimal, decimal, octal, binary. Operators: + - * / % & | ^ ~ << >>\n"
	        "  < > <= >= == !=; poi() by() wo() dwo() qwo() read memory; @{root} is a register, nt!kmain a symbol.\n"
	        "  On 32-bit machines a number without a back-tick is sign-extended from bit 31: 80000000 is negative,\n"
	        "  0`80000000 is not.\n"
	        "  WinDbg: ?   crash: eval\n",
};

static void formats(struct call *c)
{
	windbg_formats(c->out, c->target, c->arg[0].value);
}
COMMAND(formats) = {
	.name = "formats", .schema = "e", .synopsis = "formats EXPRESSION",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = formats,
	.what = "a value in every notation",
	.help = "  kd> .formats 1c407e62\n  Hexadecimal, decimal, octal, binary, characters, time, float, double.\n"
	        "  WinDbg: .formats\n",
};

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
		call_fail(c, 0, "8, 10 or 16 is expected");
	else
		out_printf(c->out, "base is %u\n", shell_radix);
}
COMMAND(n) = {
	.name = "n", .schema = "W", .synopsis = "n [8|10|16]", .flags = CMD_LOOKS, .run = radix,
	.what = "the radix of numbers without a prefix",
	.help = "  kd> n 16\n  Its own argument is always decimal.\n  WinDbg: n\n",
};
