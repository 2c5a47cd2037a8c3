/* shell/look/eval.c - ?: the value of an expression, decimal and hexadecimal.
 * SPDX-License-Identifier: MIT
 *
 * Expressions are those of WinDbg's MASM evaluator (inspect/eval.h): 64-bit unsigned arithmetic; on
 * a 32-bit target, numbers of up to 32 bits are sign-extended.
 * WinDbg: ?. crash: eval.
 */
#include "inspect/target.h"
#include "shell/command.h"

/* WinDbg shows as many digits as the target's addresses have, or more when the value needs them. The
 * decimal form is signed. */
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
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = question,
	.what = "an expression's value, decimal and hexadecimal",
	.help = "  kd> ? (4009e3 & fff) + 0n10\n"
	        "  0x 0n 0t 0y before a number: hexadecimal, decimal, octal, binary. Operators: + - * / % & | ^ ~ << >>\n"
	        "  < > <= >= == !=; poi() by() wo() dwo() qwo() read memory; @{root} is a register, nt!kmain a symbol.\n"
	        "  On 32-bit machines a number without a back-tick is sign-extended from bit 31: 80000000 is negative,\n"
	        "  0`80000000 is not.\n"
	        "  WinDbg: ?   crash: eval\n",
};
