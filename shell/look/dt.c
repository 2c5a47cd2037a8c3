/* shell/look/dt.c - dt: an entry as named bit fields, in the form of WinDbg's dt.
 * SPDX-License-Identifier: MIT
 *
 * The types are those of Windows (_MMPTE and its parts); their fields are those of the paging format
 * in use, from its tables (paging/field.h). Without an address it prints the layout, with one the
 * values of the entry there.
 * WinDbg: dt. crash: struct.
 */
#include "inspect/fields.h"
#include "shell/command.h"

/* The search of is_entry(): is a page table at this physical address? */
struct table_search { const struct pt_format *format; uint64_t pa; bool found; };

/* True if pa is in the table of this level. The subtraction is unsigned, so a pa below the table is
 * not. */
static bool holds(const struct pt_format *f, unsigned level, paddr_t table, uint64_t pa)
{
	return pa - table.v < pt_table_bytes(f, level);
}

/* Visitor: compares the table that this entry points to. False ends the walk when it is found. */
static bool compare_table(void *ctx, const struct pt_visit_entry *e)
{
	struct table_search *s = ctx;

	s->found = holds(s->format, e->level - 1u, e->pa, s->pa);
	return !s->found;
}

/* True if the address maps a page table of the target, through the self-map, the direct map or
 * another mapping. The root is compared first: the walk visits only the tables below it. */
static bool is_entry(const struct target *t, uint64_t va)
{
	struct pt_space space = target_space(t);
	struct table_search s;
	struct pt_walk w;

	pt_walk(&space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF)
		return false;
	s = (struct table_search){ .format = t->mode->format, .pa = w.pa.v };
	s.found = holds(s.format, t->mode->levels - 1u, space.half[0].root, s.pa);
	target_begin_search(t);
	return s.found || (pt_visit(&space, 0, UINT64_MAX, PT_VISIT_TABLE, compare_table, &s) == OK && s.found);
}

/* What dt shows of other memory are that memory's bits under an entry's names. */
static void put_hint(struct out *out, const struct target *t, uint64_t address)
{
	uint64_t first, last;

	if (is_entry(t, address))
		return;
	out_printf(out, "Hint: there is no page-table entry at %llx; ", (unsigned long long)address);
	if (target_selfmap(t, &first, &last))
		out_printf(out, "the self-map is at %llx-%llx, ", (unsigned long long)first, (unsigned long long)last);
	out_puts(out, "pte VA shows the addresses of the entries of VA.\n");
}

/* True if the type has this member: asks the printer, with an output that is thrown away, since only
 * it knows the types. */
static bool is_member(const struct target *t, const char *type, const char *member)
{
	struct out_buf unseen;
	char byte;

	out_buf_init(&unseen, &byte, sizeof(byte));
	return windbg_dt(&unseen.out, t, type, member, NULL) == OK;
}

/* dt TYPE ADDRESS and dt TYPE MEMBER ADDRESS look alike; a second word that is no member is the
 * address, and is parsed again as an expression. no_answer: the address cannot be read. */
static void dt(struct call *c)
{
	const char *type = c->arg[0].text, *member = c->arg[1].given ? c->arg[1].text : NULL;
	uint64_t address = 0;
	bool has_address;
	err_t err;

	/* dt TYPE ADDRESS: what is no member is the address. */
	if (member && !is_member(c->target, type, member)) {
		c->rest = c->text + c->arg[1].at;
		member = NULL;
	}
	has_address = call_next(c, &address);
	if (has_address)
		address = target_address(c->target, address);
	if (c->failed || !call_end(c))
		return;
	err = windbg_dt(c->out, c->target, type, member, has_address ? &address : NULL);
	if (err == ERR_NOT_FOUND)
		call_fail(c, 0, "no such type; use _MMPTE, _MMPTE_HARDWARE, _SOFTWARE, _TRANSITION or _PROTOTYPE");
	else if (has_address)
		put_hint(c->out, c->target, address);
	c->no_answer = err == ERR_IO;
}
COMMAND(dt) = {
	.name = "dt", .schema = "wW*", .synopsis = "dt TYPE [MEMBER] [ADDRESS]",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = dt,
	.what = "an entry as named bit fields",
	.help = "  kd> dt nt!_MMPTE_HARDWARE {entry}\n"
	        "  Types: _MMPTE (u.Hard, u.Soft, u.Trans, u.Proto) and each part alone. The fields are those of the paging\n"
	        "  format in use.\n"
	        "  WinDbg: dt   crash: struct\n",
};
