/* shell/look/ptdump.c - ptdump: all mappings, as ranges with their rights.
 * SPDX-License-Identifier: MIT
 *
 * Neighbouring pages of equal size and attributes are one line. Rights are the effective ones of all
 * levels, so a table entry that takes a right away shows. W+X lines are marked and counted. The
 * markers between the lines name the regions of the layout. The self-map, which would repeat every
 * table, is one line unless the range begins in it.
 * Linux: /sys/kernel/debug/page_tables/kernel (CONFIG_PTDUMP_DEBUGFS), whose form this is. WinDbg:
 * !ptov. QEMU: info mem.
 */
#include "inspect/linux.h"
#include "shell/command.h"

/* Markers: the regions of the layout and up to two more for a kept identity map. */
#define MARKERS 24

/* identity=keep: the identity map is inside the user region of the reference tables only. With other
 * tables, a line says where it is. Returns the number of markers. */
static size_t mark_user(struct out *out, const struct target *t, const struct region *user,
                        struct linux_marker *marker)
{
	struct system_space s;
	uint64_t first, last;
	size_t n = 0;

	marker[0] = (struct linux_marker){ user->first, user->last, user->name };
	if (!target_identity(t, &first, &last) || !target_reference_space(t, &s))
		return 1;
	if (t->root.v != s.root.v) {
		out_printf(out, "---[ identity map %llx-%llx: in the tables of space %x alone; aspace use %x ]---\n",
		           (unsigned long long)first, (unsigned long long)last, s.id, s.id);
		return 1;
	}
	if (first > user->first)
		marker[n++] = (struct linux_marker){ user->first, first - 1, user->name };
	marker[n++] = (struct linux_marker){ first, last, "identity map" };
	marker[n++] = (struct linux_marker){ last + 1, user->last, user->name };
	return n;
}

/* [first, last], both inclusive: the last address of all can be the end. no_answer: a table could
 * not be read, so the list may have gaps. */
static void ptdump(struct call *c)
{
	struct linux_marker marker[MARKERS];
	/* A layout that is known in part has no markers: what is between them would be named wrongly. */
	const struct region *r = c->target->system ? c->target->regions : NULL;
	uint64_t first = c->arg[0].given ? c->arg[0].value : 0, last = c->arg[1].given ? c->arg[1].value : UINT64_MAX;
	size_t n = 0;
	bool complete;

	if (c->has_length && c->length == 0) {
		call_fail(c, 1, "the count is 0");
		return;
	}
	if (c->has_length)
		last = first + c->length - 1;
	if (last < first) {
		call_fail(c, 1, "the end of the range is below its start");
		return;
	}
	for (; r && r->name && n < MARKERS - 2; r++)
		if (r->kind == REGION_USER)
			n += mark_user(c->out, c->target, r, &marker[n]);
		else
			marker[n++] = (struct linux_marker){ r->first, r->last, r->name };
	(void)linux_ptdump_complete(c->out, c->target, marker, n, first, last, &complete);
	c->no_answer = !complete;
}
COMMAND(ptdump) = {
	.name = "ptdump", .schema = "AR", .synopsis = "ptdump [FIRST [LAST|L BYTES]]",
	.flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = ptdump,
	.what = "all mappings, as ranges with their rights",
	.help = "  kd> ptdump kmain L 100000\n"
	        "  A line is a range of pages with equal attributes: addresses, size, page size, letters as in pte but with the\n"
	        "  effective rights of all levels, first physical address. W+X marks pages that are writable and executable. The\n"
	        "  self-map is one line, unless the range begins in it.\n"
	        "  Linux: /sys/kernel/debug/page_tables/kernel   WinDbg: !ptov   QEMU: info mem\n",
};
