/* kernel/shell/cmd_tables.c - commands that show translations.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "kernel/inspect/linux.h"
#include "kernel/inspect/windbg.h"
#include "kernel/kernel.h"
#include "kernel/proc.h"
#include "kernel/shell/command.h"

#define MARKERS 24

static bool is_root(uint64_t pa)
{
	if (pa == live_target.root.v)
		return true;
	list_for_each(l, &aspaces)
		if (container_of(l, struct aspace, link)->space.root.v == pa)
			return true;
	return false;
}

/* Below this a number that is no root is a frame's. */
#define FIRST_ADDRESS 0x100000

/* The argument is a root, a process, or a root's frame number as WinDbg's manual has it; 0 is .process's. What stands in
 * a root register around the address is the CPU's: CR3's PWT, PCD and PCID, the attributes and the ASID of TTBR0. */
static paddr_t root_of(uint64_t dirbase)
{
	const struct proc *p = proc_by_any(dirbase);
	const struct pt_format *f = live_target.mode->format;
	uint64_t root = ALIGN_DOWN(dirbase & (((uint64_t)1 << f->pa_bits) - 1), (uint64_t)f->root_align);

	if (dirbase == 0)
		return live_target.root;
	if (p && p->as && !is_root(dirbase))
		return p->as->space.root;
	return is_root(root) || dirbase >= FIRST_ADDRESS ? PADDR(root) : pfn_base(PFN(dirbase));
}

static void vtop(struct call *c)
{
	/* The failure is part of what was printed. */
	(void)!windbg_vtop(c->out, &live_target, root_of(c->arg[0].value), c->arg[1].value);
}
COMMAND(vtop) = {
	.name = "vtop", .schema = "ee", .synopsis = "vtop DIRBASE|PFN|PID|0 VA",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = vtop,
	.what = "the walk to a physical address, through any root",
	.help = "  kd> vtop @{root} kmain\n"
	        "  DIRBASE is what @{root} holds (its low bits, which are no address, do not count), or its frame number, or a\n"
	        "  process; 0 means the one that .process chose. Nothing but physical memory is read: the answer is right\n"
	        "  whatever .process and .cache say.\n"
	        "  WinDbg: !vtop   crash: vtop   QEMU: gva2gpa\n",
};

static void ptov(struct call *c)
{
	/* That tables were skipped is part of what it prints. */
	(void)!windbg_ptov(c->out, &live_target, root_of(c->arg[0].value), NULL, NULL);
}
COMMAND(ptov) = {
	.name = "ptov", .schema = "E", .synopsis = "ptov [DIRBASE|PFN|PID|0]", .flags = CMD_LOOKS | CMD_EXAMPLE, .run = ptov,
	.what = "every page that a root maps: physical address, virtual address",
	.help = "  kd> ptov @{root}\n  DIRBASE is vtop's; without it, 0. Ctrl-C stops it.\n  WinDbg: !ptov\n",
};

static void ptdump(struct call *c)
{
	struct linux_marker marker[MARKERS];
	const struct arch_region *r = arch_regions();
	uint64_t first = c->arg[0].given ? c->arg[0].value : 0, last = c->arg[1].given ? c->arg[1].value : UINT64_MAX;
	size_t n = 0;

	if (c->has_length)
		last = first + c->length - 1;
	if (last < first) {
		call_fail(c, 1, "the range ends before it begins");
		return;
	}
	for (; r->name && n < MARKERS; r++)
		marker[n++] = (struct linux_marker){ r->first, r->last, r->name };
	linux_ptdump(c->out, &live_target, marker, n, first, last);
}
COMMAND(ptdump) = {
	.name = "ptdump", .schema = "ER", .synopsis = "ptdump [FIRST [LAST|L BYTES]]",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = ptdump,
	.what = "all that is mapped, as ranges with their rights",
	.help = "  kd> ptdump kmain L 100000\n"
	        "  A line is one stretch of equal pages: addresses, size, page size, letters as in pte, first physical address;\n"
	        "  W+X marks what is writable and executable at once.\n"
	        "  Linux: /sys/kernel/debug/page_tables/kernel   WinDbg: !ptov   QEMU: info mem\n",
};
