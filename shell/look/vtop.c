/* shell/look/vtop.c - vtop and ptov: translations through any root, in both directions.
 * SPDX-License-Identifier: MIT
 *
 * vtop walks one address and prints each step; ptov prints every page that the root maps, physical
 * address first. Both read physical memory only, so they work for a process that is not running and
 * do not depend on .process and .cache, except for the root 0. The lines of vtop are those of WinDbg
 * for the paging format (docs/formats.md, section 5).
 * WinDbg: !vtop, !ptov. crash: vtop. QEMU: gva2gpa.
 */
#include "inspect/windbg.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/look/root.h"

/* VA is optional in the schema, because DIRBASE can be left out for an image. A missing address is therefore detected here. */
static void vtop(struct call *c)
{
	/* With --second, ROOT comes first. */
	bool two_stages = c->arg[3].given;
	unsigned first = two_stages, last = first + c->arg[first + 1].given;
	uint64_t va = last ? c->arg[last].value : target_address(c->target, c->arg[0].number);
	paddr_t root = c->target->root;

	if (two_stages && (strcmp(c->arg[3].text, "--second") || !c->arg[1].given))
		call_fail(c, strcmp(c->arg[3].text, "--second") ? 3 : COMMAND_ARGS, "--second ROOT VA is expected");
	else if (!two_stages && c->arg[2].given)
		call_fail(c, 2, "too many arguments");
	else if (last > first)
		(void)call_root(c, first, &root);
	else if (!c->target->only_memory)
		call_fail(c, COMMAND_ARGS, "missing argument");
	if (c->failed)
		return;
	if (two_stages)
		c->no_answer = windbg_vtop_nested(c->out, c->target, c->arg[0].number, root, va, c->target->style) != OK;
	else
		c->no_answer = windbg_vtop(c->out, c->target, root, va) != OK;
	if (!two_stages)
		target_put_sharing(c->out, c->target, root, va);
}
COMMAND(vtop) = {
	.name = "vtop", .schema = "uAAo", .synopsis = "vtop [--second ROOT] DIRBASE|PFN|PID|0 VA",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = vtop,
	.what = "translate a virtual address through any root",
	.help = "  kd> vtop @{root} kmain\n"
	        "  DIRBASE: value of @{root} (attribute bits are ignored), frame number or process number; 0: the process that\n"
	        "  .process selected. A small number is a process number if that process exists, else a frame number; a line of\n"
	        "  the output tells which. Reads physical memory only, so the result does not depend on what .process and .cache\n"
	        "  say. An image has one root, and DIRBASE may be left out there.\n"
	        "  --second ROOT, for an image: the tables are those of a guest, ROOT is the root register of its second stage\n"
	        "  (EPTP, nCR3, VTTBR, hgatp; 0: the image's). Its lines come before each step of the first stage.\n"
	        "  WinDbg: !vtop   crash: vtop   QEMU: gva2gpa\n",
};

/* Prints all pages of the root; a table that cannot be read sets no_answer. */
static void ptov(struct call *c)
{
	paddr_t root;

	if (call_root(c, 0, &root))
		c->no_answer = windbg_ptov(c->out, c->target, root, NULL, NULL) != OK;
}
COMMAND(ptov) = {
	.name = "ptov", .schema = "U", .synopsis = "ptov [DIRBASE|PFN|PID|0]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = ptov,
	.what = "every page that a root maps: physical and virtual address",
	.help = "  kd> ptov @{root}\n  DIRBASE as for vtop; default: 0. Ctrl-C stops the output.\n  WinDbg: !ptov\n",
};
