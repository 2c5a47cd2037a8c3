/* shell/look/vtop.c - vtop and ptov: walks through any root.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/windbg.h"
#include "shell/command.h"
#include "shell/look/root.h"

static void vtop(struct call *c)
{
	uint64_t va = c->arg[1].value;
	paddr_t root = c->target->root;

	/* Where one root is all that is known it goes without saying. */
	if (!c->arg[1].given && !c->target->system)
		va = target_address(c->target, c->arg[0].number);
	else if (!c->arg[1].given)
		call_fail(c, COMMAND_ARGS, "an argument is missing");
	else
		(void)call_root(c, 0, &root);
	if (!c->failed)
		c->no_answer = windbg_vtop(c->out, c->target, root, va) != OK;
}
COMMAND(vtop) = {
	.name = "vtop", .schema = "uA", .synopsis = "vtop DIRBASE|PFN|PID|0 VA",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = vtop,
	.what = "the walk to a physical address, through any root",
	.help = "  kd> vtop @{root} kmain\n"
	        "  DIRBASE is what @{root} holds (its low bits, which are no address, do not count), or its frame number, or a\n"
	        "  process; 0 means the one that .process chose. A small number is a process if one has it, else a frame, and\n"
	        "  a line says which. Nothing but physical memory is read: the answer is right whatever .process and .cache\n"
	        "  say. An image has one root, and DIRBASE may be left out there.\n"
	        "  WinDbg: !vtop   crash: vtop   QEMU: gva2gpa\n",
};

static void ptov(struct call *c)
{
	paddr_t root;

	if (call_root(c, 0, &root))
		c->no_answer = windbg_ptov(c->out, c->target, root, NULL, NULL) != OK;
}
COMMAND(ptov) = {
	.name = "ptov", .schema = "U", .synopsis = "ptov [DIRBASE|PFN|PID|0]", .flags = CMD_LOOKS | CMD_EXAMPLE, .run = ptov,
	.what = "every page that a root maps: physical address, virtual address",
	.help = "  kd> ptov @{root}\n  DIRBASE is vtop's; without it, 0. Ctrl-C stops it.\n  WinDbg: !ptov\n",
};
