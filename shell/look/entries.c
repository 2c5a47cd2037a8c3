/* shell/look/entries.c - entries: the entries of an address, as an oops of Linux shows them.
 * SPDX-License-Identifier: MIT
 *
 * x86_64: PGD, P4D, PUD, PMD, PTE. i386: *pdpt, *pde, *pte. ARM: pgd, *pgd, *pte. Linux has five
 * levels everywhere: a format with fewer shows an entry under several names (isa/isa.h: struct
 * isa_entries).
 * Linux: dump_pagetable(), show_pte(). crash: vtop.
 */
#include "inspect/linux.h"
#include "shell/command.h"
#include "shell/look/translated.h"

/* Prints also when the walk ends early; no_answer tells tools/pagewalk that there is no translation. */
static void entries(struct call *c)
{
	linux_entries(c->out, c->target, c->arg[0].value);
	c->no_answer = !is_translated(c->target, c->arg[0].value);
}
COMMAND(entries) = {
	.name = "entries", .schema = "a", .synopsis = "entries VA", .flags = CMD_READ_ONLY | CMD_TARGET, .run = entries,
	.what = "the entries of an address as an oops of Linux shows them",
	.help = "  kd> entries kmain\n"
	        "  PGD, P4D, PUD, PMD and PTE on x86_64; *pdpt, *pde and *pte on i386; pgd, *pgd and *pte on ARM.\n"
	        "  Linux: dump_pagetable, show_pte   crash: vtop\n",
};
