/* shell/look/tables.c - commands that show translations.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "inspect/linux.h"
#include "inspect/windbg.h"
#include "kernel/kernel.h"
#include "kernel/proc.h"
#include "mm/mm.h"
#include "shell/command.h"

#define MARKERS 24

static bool is_root(const struct target *t, uint64_t pa)
{
	if (pa == t->root.v)
		return true;
	list_for_each(l, &aspaces)
		if (container_of(l, struct aspace, link)->space.root.v == pa)
			return true;
	return false;
}

/* Below this a number that is no root is a frame's. */
#define FIRST_ADDRESS 0x100000

/* The root that the argument means: a root's address, a process, or a root's frame number as WinDbg's manual has it; 0 is
 * .process's. Bits of a root register that are no address do not count: CR3's PWT, PCD and PCID, the attributes and the
 * ASID of TTBR0. A small number that could be a process or a frame: a line says which it was. */
static paddr_t root_of(const struct call *c)
{
	uint64_t dirbase = c->arg[0].number;
	const struct proc *p = proc_by_any(dirbase);
	const struct pt_format *f = c->target->mode->format;
	uint64_t root = ALIGN_DOWN(dirbase & (((uint64_t)1 << f->pa_bits) - 1), (uint64_t)f->root_align);
	paddr_t frame = pfn_base(PFN(dirbase));

	if (dirbase == 0)
		return c->target->root;
	if (p && p->as && !is_root(c->target, dirbase)) {
		if (dirbase < FIRST_ADDRESS)
			out_printf(c->out, "%llx is process %llx (%s)\n", (unsigned long long)dirbase,
			           (unsigned long long)dirbase, p->name);
		return p->as->space.root;
	}
	if (is_root(c->target, root) || dirbase >= FIRST_ADDRESS)
		return PADDR(root);
	if (!is_root(c->target, frame.v))
		out_printf(c->out, "%llx is frame %llx: %s\n", (unsigned long long)dirbase, (unsigned long long)dirbase,
		           p ? "the process of this number has ended, and no root is there" :
		           "no process has this number, and no root is there");
	return frame;
}

static void vtop(struct call *c)
{
	/* The failure is part of what was printed. */
	(void)!windbg_vtop(c->out, c->target, root_of(c), c->arg[1].value);
}
COMMAND(vtop) = {
	.name = "vtop", .schema = "ua", .synopsis = "vtop DIRBASE|PFN|PID|0 VA",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = vtop,
	.what = "the walk to a physical address, through any root",
	.help = "  kd> vtop @{root} kmain\n"
	        "  DIRBASE is what @{root} holds (its low bits, which are no address, do not count), or its frame number, or a\n"
	        "  process; 0 means the one that .process chose. A small number is a process if one has it, else a frame, and\n"
	        "  a line says which. Nothing but physical memory is read: the answer is right whatever .process and .cache\n"
	        "  say.\n"
	        "  WinDbg: !vtop   crash: vtop   QEMU: gva2gpa\n",
};

static void ptov(struct call *c)
{
	/* That tables were skipped is part of what it prints. */
	(void)!windbg_ptov(c->out, c->target, root_of(c), NULL, NULL);
}
COMMAND(ptov) = {
	.name = "ptov", .schema = "U", .synopsis = "ptov [DIRBASE|PFN|PID|0]", .flags = CMD_LOOKS | CMD_EXAMPLE, .run = ptov,
	.what = "every page that a root maps: physical address, virtual address",
	.help = "  kd> ptov @{root}\n  DIRBASE is vtop's; without it, 0. Ctrl-C stops it.\n  WinDbg: !ptov\n",
};

/* identity=keep: in the tables that have it the boot's map is a part of the user's region; of others a line says so. */
static size_t mark_user(struct out *out, const struct target *t, const struct arch_region *user,
                        struct linux_marker *marker)
{
	uint64_t first, last;
	size_t n = 0;

	marker[0] = (struct linux_marker){ user->first, user->last, user->name };
	if (!mm_identity(&first, &last))
		return 1;
	if (t->root.v != kernel_aspace.space.root.v) {
		out_printf(out, "---[ identity map %llx-%llx: in the tables of space %x alone; aspace use %x ]---\n",
		           (unsigned long long)first, (unsigned long long)last, (unsigned)kernel_aspace.id,
		           (unsigned)kernel_aspace.id);
		return 1;
	}
	if (first > user->first)
		marker[n++] = (struct linux_marker){ user->first, first - 1, user->name };
	marker[n++] = (struct linux_marker){ first, last, "identity map" };
	marker[n++] = (struct linux_marker){ last + 1, user->last, user->name };
	return n;
}

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
	for (; r->name && n < MARKERS - 2; r++)
		if (r->kind == REGION_USER)
			n += mark_user(c->out, c->target, r, &marker[n]);
		else
			marker[n++] = (struct linux_marker){ r->first, r->last, r->name };
	linux_ptdump(c->out, c->target, marker, n, first, last);
}
COMMAND(ptdump) = {
	.name = "ptdump", .schema = "AR", .synopsis = "ptdump [FIRST [LAST|L BYTES]]",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = ptdump,
	.what = "all that is mapped, as ranges with their rights",
	.help = "  kd> ptdump kmain L 100000\n"
	        "  A line is one stretch of equal pages: addresses, size, page size, letters as in pte but with the rights that\n"
	        "  all levels together leave, first physical address; W+X marks what is writable and executable at once. The\n"
	        "  self-map is one line unless the range begins in it.\n"
	        "  Linux: /sys/kernel/debug/page_tables/kernel   WinDbg: !ptov   QEMU: info mem\n",
};
