/* shell/look/pte2va.c - pte2va: the page that an entry of the self-map translates.
 * SPDX-License-Identifier: MIT
 *
 * The inverse of the addresses that `pte` prints: (at - base) / entry size * page size for level 0
 * (docs/formats.md, section 4). Formats without a self-map (ARM) have no such addresses.
 * WinDbg: !pte2va.
 */
#include "inspect/windbg.h"
#include "shell/command.h"

/* The range is checked here, so that the error has a caret; windbg_pte2va() prints the answer and
 * cannot fail then. */
static void pte2va(struct call *c)
{
	uint64_t va;

	if (!target_page_of_entry(c->target, c->arg[0].value, &va))
		call_fail(c, 0, "not the address of an entry: outside the self-map");
	else
		(void)!windbg_pte2va(c->out, c->target, c->arg[0].value);
}
COMMAND(pte2va) = {
	.name = "pte2va", .schema = "a", .synopsis = "pte2va ENTRY-ADDRESS",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = pte2va,
	.what = "the page that the entry at this self-map address translates",
	.help = "  kd> pte2va {self-map entry}\n  A format without a self-map (ARM) has no such addresses.\n"
	        "  WinDbg: !pte2va\n",
};
