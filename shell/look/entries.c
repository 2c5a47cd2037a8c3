/* shell/look/entries.c - entries: the line of an oops of Linux that shows the entries of an address.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/linux.h"
#include "shell/command.h"
#include "shell/look/translated.h"

static void entries(struct call *c)
{
	linux_entries(c->out, c->target, c->arg[0].value);
	c->no_answer = !is_translated(c->target, c->arg[0].value);
}
COMMAND(entries) = {
	.name = "entries", .schema = "a", .synopsis = "entries VA", .flags = CMD_READ_ONLY, .run = entries,
	.what = "the entries of an address as an oops of Linux shows them",
	.help = "  kd> entries kmain\n"
	        "  PGD, P4D, PUD, PMD and PTE on x86_64; *pdpt, *pde and *pte on i386; pgd, *pgd and *pte on ARM.\n"
	        "  Linux: dump_pagetable, show_pte   crash: vtop\n",
};
