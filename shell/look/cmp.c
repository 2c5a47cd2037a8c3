/* shell/look/cmp.c - cmp: compares two ranges of virtual memory byte by byte.
 * SPDX-License-Identifier: MIT
 *
 * One line for each byte that differs: address and value in the first range, then in the second;
 * equal ranges print nothing. The ranges have the same length and may overlap.
 * WinDbg: c.
 */
#include "shell/command.h"
#include "shell/look/values.h"

/* Bytes of each range on the stack. */
#define CHUNK 256u

/* Both ranges are read completely first, so an unmapped page is an error before any output, with the
 * caret below the range that has it. */
static void cmp(struct call *c)
{
	uint64_t n, a = c->arg[0].value, b = c->arg[2].value;
	unsigned char x[CHUNK], y[CHUNK];
	int digits = (int)target_va_digits(c->target);

	if (!call_bytes(c, &n))
		return;
	if (!target_readable(c->target, a, n) || !target_readable(c->target, b, n)) {
		c->no_answer = true;
		call_fail(c, target_readable(c->target, a, n) ? 2 : 0, "not all of the range is mapped");
		return;
	}
	for (uint64_t done = 0; done < n; done += CHUNK) {
		size_t part = n - done < CHUNK ? (size_t)(n - done) : CHUNK;

		call_pause(c);
		if (target_read_virt(c->target, a + done, x, part) != OK ||
		    target_read_virt(c->target, b + done, y, part) != OK)
			return;
		for (size_t i = 0; i < part; i++)
			if (x[i] != y[i])
				out_printf(c->out, "%0*llx  %02x - %0*llx  %02x\n", digits,
				           (unsigned long long)(a + done + i), x[i], digits,
				           (unsigned long long)(b + done + i), y[i]);
	}
}
COMMAND(cmp) = {
	.name = "cmp", .aliases = "c", .schema = "aRa", .synopsis = "cmp VA L COUNT VA",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = cmp,
	.what = "compare two ranges byte by byte and show the differences",
	.help = "  kd> cmp kmain L8 kmain+8\n  WinDbg: c\n",
};
