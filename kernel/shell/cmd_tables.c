/* kernel/shell/cmd_tables.c - commands that show translations.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/inspect/windbg.h"
#include "kernel/shell/command.h"

static void pte(struct out *out, const uint64_t *arg)
{
	windbg_pte(out, &live_target, arg[0]);
}
COMMAND(pte, "pte VA", "the entries that translate VA, level by level", 1, pte);

static void vtop(struct out *out, const uint64_t *arg)
{
	uint64_t dirbase = arg[0] ? arg[0] : live_target.root.v;

	/* A number too small for a root is a frame number, as in WinDbg; 0 is the current root. */
	if (dirbase < 0x100000 && !IS_ALIGNED(dirbase, 32u))
		dirbase <<= PAGE_SHIFT;
	if (windbg_vtop(out, &live_target, PADDR(dirbase), arg[1]) != OK)
		return;
}
COMMAND(vtop, "vtop DIRBASE|0 VA", "the walk to a physical address, through any root", 2, vtop);

static void question(struct out *out, const uint64_t *arg)
{
	out_printf(out, "Evaluate expression: %lld = %08llx\n", (long long)arg[0], (unsigned long long)arg[0]);
}
COMMAND(eval, "eval EXPRESSION", "an expression's value, decimal and hexadecimal", 1, question);
