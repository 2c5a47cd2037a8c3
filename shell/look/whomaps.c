/* shell/look/whomaps.c - whomaps: every entry that maps a frame or points to it.
 * SPDX-License-Identifier: MIT
 *
 * Searches the tables of all address spaces: pages at any address, large pages that contain the
 * frame, table entries, roots. Parts that all roots share are searched once, in the reference
 * tables. It finds also what the map count of `pfn` leaves out: the direct map, the self-map,
 * entries that point to a table.
 * WinDbg: !search of the page tables, !ptov.
 */
#include "inspect/target.h"
#include "shell/command.h"

/* Ends the search for a frame that is mapped almost everywhere, such as the zero frame. */
#define MOST_LINES 0x10000u

/* One search: the space that is being looked at, the frame's physical address, entries found so far. */
struct search {
	struct call *call;
	struct system_space of;
	uint64_t pa;
	unsigned found;
};

/* Whether the frame and [pa, pa + bytes) have a byte in common. Tables may be smaller than a frame,
 * which then holds several, or larger. */
static bool overlaps(uint64_t frame, uint64_t pa, uint64_t bytes)
{
	return pa < frame + PAGE_SIZE && frame < pa + bytes;
}

/* A space of an image has no name: its root identifies it. */
static void put_space(struct out *out, const struct system_space *s)
{
	if (s->name)
		out_printf(out, "space %x (%s): ", s->id, s->name);
	else
		out_printf(out, "root %llx: ", (unsigned long long)s->root.v);
}

/* A table entry: which addresses it leads to and where it is. A leaf: region, virtual address of the
 * frame, page size, letters of the effective rights. */
static void put_entry(const struct search *s, const struct pt_visit_entry *e)
{
	const struct target *t = s->call->target;
	const struct pt_mode *mode = target_mode_at(t, e->va);
	const struct region *r = target_region(t, e->va);
	struct out *out = s->call->out;
	char letters[32];

	put_space(out, &s->of);
	if (e->kind == PT_TABLE) {
		out_printf(out, "table for %llx, entry: %s at %llx\n", (unsigned long long)e->va,
		           mode->format->level[e->level].vendor, (unsigned long long)e->entry_pa.v);
		return;
	}
	pt_effective_letters(mode, e->level, e->entry, e->prot, letters, sizeof(letters));
	/* A layout that is known in part has no holes. */
	if (r || t->system)
		out_printf(out, "%s at ", r ? r->name : "hole");
	out_printf(out, "%llx, page of %llx bytes  %s", (unsigned long long)(e->va + (s->pa - e->pa.v)),
	           (unsigned long long)e->size, letters);
	if (e->level == 0)
		target_put_sharers(out, t, e->entry_pa);
	out_puts(out, "\n");
}

/* Visitor: prints an entry whose page or table overlaps the frame. False ends the walk at
 * MOST_LINES. */
static bool compare(void *ctx, const struct pt_visit_entry *e)
{
	struct search *s = ctx;
	const struct target *t = s->call->target;

	if (!overlaps(s->pa, e->pa.v,
	              e->kind == PT_LEAF ? e->size : pt_table_bytes(target_mode_at(t, e->va)->format, e->level - 1u)))
		return true;
	if (t->found)
		t->found(t->ctx, e->level);
	put_entry(s, e);
	return ++s->found < MOST_LINES;
}

/* The kernel half is the same in all roots, but for the self-map, in which each shows its own
 * tables: from the other spaces only user half and self-map are read. The self-map's tables are the
 * tables themselves, so there only leaves count. */
static err_t look(struct search *s)
{
	const struct target *t = s->call->target;
	struct pt_space space = target_space_of(t, s->of.root);
	err_t err = OK;

	if (s->of.reference)
		return pt_visit(&space, 0, UINT64_MAX, PT_VISIT_LEAF | PT_VISIT_TABLE, compare, s);
	for (const struct region *r = t->regions; r && r->name; r++)
		if ((r->kind == REGION_USER || r->kind == REGION_SELFMAP) && err == OK)
			err = pt_visit(&space, r->first, r->last,
			               PT_VISIT_LEAF | (r->kind == REGION_USER ? PT_VISIT_TABLE : 0u), compare, s);
	return err;
}

/* Searches one space. A table that cannot be read is reported, sets no_answer, and does not end the
 * command. */
static void search(struct search *s)
{
	const struct target *t = s->call->target;
	struct out *out = s->call->out;
	err_t err;

	if (overlaps(s->pa, s->of.root.v, pt_table_bytes(t->mode->format, t->mode->levels - 1u))) {
		s->found++;
		put_space(out, &s->of);
		out_printf(out, "its root is at %llx\n", (unsigned long long)s->of.root.v);
	}
	err = look(s);
	if (err == OK)
		return;
	put_space(out, &s->of);
	out_printf(out, "some tables were not read: %s\n", err_text(err));
	s->call->no_answer = true;
}

/* Whether physical memory can be read at pa. */
static bool is_memory(const struct target *t, uint64_t pa)
{
	char byte;

	return t->read_phys(t->ctx, PADDR(pa), &byte, 1) == OK;
}

/* No entry found has two meanings: a frame that is not mapped, or no RAM at that address. */
static void whomaps(struct call *c)
{
	uint64_t frame = c->arg[0].value;
	struct search s = { .call = c, .pa = frame << PAGE_SHIFT };

	if (frame > UINT64_MAX >> PAGE_SHIFT) {
		call_fail(c, 0, "no such frame");
		return;
	}
	target_begin_search(c->target);
	for (unsigned i = 0; s.found < MOST_LINES && target_space_number(c->target, i, &s.of); i++)
		search(&s);
	if (s.found >= MOST_LINES)
		out_printf(c->out, "stopped: %x entries name it, and there may be more\n", s.found);
	else if (!s.found && !is_memory(c->target, s.pa))
		out_printf(c->out, "frame %llx does not exist: there is no RAM at %llx, and no entry maps it\n",
		           (unsigned long long)frame, (unsigned long long)s.pa);
	else if (!s.found)
		out_puts(c->out, "no entry maps this frame\n");
	c->no_answer |= !s.found;
}
COMMAND(whomaps) = {
	.name = "whomaps", .schema = "u", .synopsis = "whomaps FRAME",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = whomaps,
	.what = "every entry that maps a frame or points to it: pages, tables, self-map, direct map",
	.help = "  kd> whomaps {frame}\n  Searches all address spaces.\n  WinDbg: !search, !ptov\n",
};
