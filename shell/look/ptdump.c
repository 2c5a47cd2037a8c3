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
#include "lib/string.h"
#include "shell/command.h"
#include "shell/look/range_list.h"

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

enum { RIGHTS, RANGE, PHYS, USER, KERNEL, TRACE, SORT, COUNT, ALL };
static const struct command_option options[] = {
	[RIGHTS] = { "--rights", "RIGHTS", "pages with these of r, w, x, u; behind - without them: w+x, x-w" },
	[RANGE] = { "--range", "A-B", "in place of FIRST and LAST" },
	[PHYS] = { "--phys", "A-B", "pages of these physical addresses" },
	[USER] = { "--user", NULL, "pages that user mode may access" },
	[KERNEL] = { "--kernel", NULL, "the kernel's half of the addresses" },
	[TRACE] = { "--trace", "VA", "the entries that translate VA, and the range that contains it" },
	[SORT] = { "--sort", "phys", "in the order of physical addresses" },
	[COUNT] = { "--count", NULL, "tables, pages and other entries of each level, in place of the ranges" },
	[ALL] = { "--all", NULL, "every range, also one that repeats another at equal distances (an image)" },
	{ .name = NULL },
};

/* Letters, with + and - before those that must be there and those that must not. */
static bool parse_rights(struct call *c, struct linux_select *select)
{
	static const struct { char letter; prot_t right; } rights[] = {
		{ 'r', PROT_R }, { 'w', PROT_W }, { 'x', PROT_X }, { 'u', PROT_U },
	};
	prot_t *to = &select->has;

	for (const char *s = c->option[RIGHTS].text; *s; s++) {
		unsigned i = 0;

		while (i < ARRAY_LEN(rights) && rights[i].letter != (*s | 0x20))
			i++;
		if (i < ARRAY_LEN(rights)) {
			*to |= rights[i].right;
		} else if (*s == '+' || *s == '-') {
			to = *s == '+' ? &select->has : &select->lacks;
		} else {
			call_fail_option(c, RIGHTS, "letters of rwxu are expected, with + and - between them");
			return false;
		}
	}
	return true;
}

/* The first address of the kernel's half: behind the user region, where the layout is known; else that of the second root, or
 * the upper half of the addresses. */
static uint64_t kernel_half(const struct target *t)
{
	struct pt_space space = target_space(t);
	uint64_t first, last;

	for (const struct region *r = t->some_regions ? NULL : t->regions; r && r->name; r++)
		if (r->kind == REGION_USER)
			return r->last + 1;
	if (t->upper) {
		pt_half_range(&space, 1, &first, &last);
		return first;
	}
	return t->mode->upper ? 0 : (pt_mode_va_mask(t->mode) >> 1) + 1;
}

/* The range of the arguments or of --range, both ends inclusive; without either all addresses. Both
 * at once are an error, since only one of them could have an effect. False: an error was printed. */
static bool parse_bounds(struct call *c, uint64_t *first, uint64_t *last)
{
	*first = c->arg[0].given ? c->arg[0].value : 0;
	*last = c->arg[1].given ? c->arg[1].value : UINT64_MAX;
	if (c->has_length && c->length == 0)
		call_fail(c, 1, "the count is 0");
	else if (c->option[RANGE].given && c->arg[0].given)
		call_fail_option(c, RANGE, "the range is given twice");
	else if (c->option[RANGE].given)
		return call_option_range(c, RANGE, false, first, last);
	if (c->has_length)
		*last = *first + c->length - 1;
	if (!c->failed && *last < *first)
		call_fail(c, 1, "the end of the range is below its start");
	return !c->failed;
}

/* What the options select. --user and --rights combine: a page must satisfy both. --kernel moves the
 * start of the range, so tables of the other half are not read. False: an error was printed. */
static bool parse_selection(struct call *c, struct linux_select *select, uint64_t *first)
{
	uint64_t half = kernel_half(c->target);

	if (c->option[RIGHTS].given && !parse_rights(c, select))
		return false;
	if (c->option[USER].given)
		select->has |= PROT_U;
	if (c->option[KERNEL].given && *first < half)
		*first = half;
	if (c->option[PHYS].given && !call_option_range(c, PHYS, true, &select->pa_first, &select->pa_last))
		return false;
	if (c->option[TRACE].given && !call_option_address(c, TRACE, &select->va))
		return false;
	if (c->option[SORT].given && strcmp(c->option[SORT].text, "phys"))
		call_fail_option(c, SORT, "phys is expected");
	select->phys = c->option[PHYS].given;
	select->one = c->option[TRACE].given;
	select->fold = c->target->folds && !c->option[ALL].given;
	return !c->failed;
}

/* The entries on the way to va, a line each, also when the walk ends early. The width of an entry is
 * the format's. no_answer: there is no translation. */
static void put_trace(struct call *c, uint64_t va)
{
	struct pt_space space = target_space(c->target);
	struct pt_step step[PT_MAX_LEVELS];
	struct pt_walk w;
	const struct pt_format *f = target_mode_at(c->target, va)->format;

	pt_walk(&space, va, &w, step, ARRAY_LEN(step));
	if (w.err == ERR_RANGE)
		out_printf(c->out, "%llx: %s\n", (unsigned long long)va, target_no_address(c->target));
	for (unsigned i = 0; i < w.n && i < ARRAY_LEN(step); i++)
		if (w.err && i == w.n - 1)
			out_printf(c->out, "%s at %llx: not readable\n", f->level[step[i].level].vendor,
			           (unsigned long long)step[i].entry_pa.v);
		else
			out_printf(c->out, "%s at %llx: %0*llx\n", f->level[step[i].level].vendor,
			           (unsigned long long)step[i].entry_pa.v, f->entry_bytes * 2,
			           (unsigned long long)step[i].entry.v);
	c->no_answer = w.outcome != PT_LEAF;
}

/* Reads all ranges, and then prints them. The order is by the first page's physical address, and by
 * virtual addresses where that is equal. Markers and folds belong to the other order. The live
 * machine has no memory for a list: a command that Ctrl-C ends could not free it. */
static void put_sorted(struct call *c, uint64_t first, uint64_t last, const struct linux_select *select, bool *complete)
{
	struct range_list list = { .target = c->target };
	struct linux_select taken = *select;

	if (!c->target->grow) {
		call_lacks(c, "memory for a list");
		return;
	}
	taken.take = range_list_add;
	taken.ctx = &list;
	(void)linux_ptdump_selected(c->out, c->target, NULL, 0, first, last, &taken, complete);
	range_list_sort(&list);
	for (size_t i = 0; i < list.n; i++)
		linux_put_range(c->out, c->target, &list.range[i]);
	if (list.full)
		call_lacks(c, "more memory for a list");
	range_list_free(&list);
}

/* [first, last], both inclusive: the last address of all can be the end. no_answer: a table could
 * not be read, so the list may have gaps. */
static void ptdump(struct call *c)
{
	struct linux_marker marker[MARKERS];
	/* A layout that is known in part has no markers: what is between them would be named wrongly. */
	const struct region *r = c->target->some_regions ? NULL : c->target->regions;
	struct linux_select select = { .fold = false };
	uint64_t first, last;
	size_t n = 0;
	bool complete = true;

	if (!parse_bounds(c, &first, &last) || !parse_selection(c, &select, &first))
		return;
	if (c->option[COUNT].given) {
		c->no_answer = !linux_put_counts(c->out, c->target, first, last);
		return;
	}
	if (select.one)
		put_trace(c, select.va);
	if (c->option[SORT].given) {
		put_sorted(c, first, last, &select, &complete);
		c->no_answer |= !complete;
		return;
	}
	for (; r && r->name && n < MARKERS - 2; r++)
		if (r->kind == REGION_USER && !select.one)
			n += mark_user(c->out, c->target, r, &marker[n]);
		else
			marker[n++] = (struct linux_marker){ r->first, r->last, r->name };
	(void)linux_ptdump_selected(c->out, c->target, marker, n, first, last, &select, &complete);
	c->no_answer |= !complete;
}
COMMAND(ptdump) = {
	.name = "ptdump", .schema = "AR", .synopsis = "ptdump [FIRST [LAST|L BYTES]] [OPTION...]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = ptdump, .options = options,
	.what = "all mappings, as ranges with their rights",
	.help = "  kd> ptdump kmain L 100000\n"
	        "  A line is a range of pages with equal attributes: addresses, size, page size, letters as in pte but with the\n"
	        "  effective rights of all levels, first physical address. W+X marks pages that are writable and executable. The\n"
	        "  self-map is one line, unless the range begins in it or options select pages; these can be combined.\n"
	        "  Linux: /sys/kernel/debug/page_tables/kernel   WinDbg: !ptov   QEMU: info mem\n",
};
