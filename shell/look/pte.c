/* shell/look/pte.c - pte in all its forms, pte2va, dt and explain: entries, one by one or all.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "inspect/explain.h"
#include "inspect/fields.h"
#include "inspect/windbg.h"
#include "kernel/kernel.h"
#include "lib/string.h"
#include "shell/command.h"
#include "shell/look/explain_fault.h"

/* The level of that name: WinDbg's, or the manual's. False: the format has none. */
static bool level_named(const struct target *t, const char *name, unsigned *level)
{
	const struct pt_mode *mode = t->mode;

	for (unsigned l = 0; l < mode->levels; l++)
		if (!str_casecmp(name, mode->format->level[l].windbg) || !str_casecmp(name, mode->format->level[l].vendor)) {
			*level = l;
			return true;
		}
	return false;
}

static void literal(struct call *c)
{
	pte_t entry = PTE(c->arg[0].number);
	unsigned level = 0;

	if (c->target->mode->format->entry_bytes == 4 && target_address(c->target, entry.v) >> 32)
		call_fail(c, 0, "entries have 32 bits here");
	else if (!c->arg[2].given)
		windbg_pte_assumed(c->out, c->target, 0, entry);
	else if (level_named(c->target, c->arg[2].text, &level))
		windbg_pte_literal(c->out, c->target, level, entry);
	else
		call_fail(c, 2, "no such level: %s for the last one, %s above it", c->target->mode->format->level[0].windbg,
		          c->target->mode->format->level[1].windbg);
}

/* Ends a range of L entries behind the last of them. */
static bool one_more(void *left)
{
	return --*(uint64_t *)left > 0;
}

static void pte_range(struct call *c)
{
	uint64_t va = c->arg[0].value, last = c->has_length ? UINT64_MAX : c->arg[1].value, left = c->length;

	if (last < va)
		call_fail(c, 1, "the range ends before it begins; 1 means that the first is an entry");
	else if (c->has_length && !left)
		call_fail(c, 1, "a count of 0 shows nothing");
	else
		windbg_pte_range(c->out, c->target, va, last, c->has_length ? one_more : NULL, &left);
}

static void pte(struct call *c)
{
	uint64_t va = c->arg[0].value, page = va;

	if (c->arg[1].given && !c->has_length && c->arg[1].value == 1) {
		literal(c);
		return;
	}
	(void)target_page_of_entry(c->target, va, &page);
	if (c->arg[2].given)
		call_fail(c, 2, "a level is named for an entry: pte ENTRY 1 %s", c->arg[2].text);
	else if (c->arg[1].given)
		pte_range(c);
	else
		windbg_pte(c->out, c->target, page);
}
COMMAND(pte) = {
	.name = "pte", .schema = "aRW",
	.synopsis = "pte VA | pte ENTRY-ADDRESS | pte ENTRY 1 [LEVEL] | pte FIRST LAST | pte FIRST L COUNT",
	.flags = CMD_LOOKS | CMD_EXAMPLE,
	.run = pte, .what = "the entries that translate VA, level by level",
	.help = "  kd> pte kmain\n"
	        "  Each column is a level: where its entry stands (readable with dq: the self-map), what it contains, and\n"
	        "  the frame with its letters: C G L D A N T U/K W/R E V (copy on write, global, large, dirty, accessed,\n"
	        "  no cache, write-through, user/kernel, write/read, execute, valid).\n"
	        "  An address in the self-map is taken as that of an entry. ENTRY 1 decodes a number as an entry of LEVEL, a name\n"
	        "  from the columns (pde), or of the last level. FIRST LAST goes through a range of addresses, FIRST L COUNT\n"
	        "  through COUNT entries; what has no table is one step.\n"
	        "  WinDbg: !pte   crash: vtop, pte   QEMU: info tlb\n",
};

static void pte2va(struct call *c)
{
	uint64_t va;

	if (!target_page_of_entry(c->target, c->arg[0].value, &va))
		call_fail(c, 0, "not the address of an entry: outside the self-map");
	else
		(void)!windbg_pte2va(c->out, c->target, c->arg[0].value);
}
COMMAND(pte2va) = {
	.name = "pte2va", .schema = "a", .synopsis = "pte2va ENTRY-ADDRESS",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = pte2va,
	.what = "the page that the entry at this address of the self-map translates",
	.help = "  kd> pte2va {self-map entry}\n  Where the format can have no self-map (ARM) there are no such addresses.\n"
	        "  WinDbg: !pte2va\n",
};

/* ---- bits ---- */

struct table_search { const struct pt_format *format; uint64_t pa; bool found; };

static bool holds(const struct pt_format *f, unsigned level, paddr_t table, uint64_t pa)
{
	return pa - table.v < pt_table_bytes(f, level);
}

static bool compare_table(void *ctx, const struct pt_visit_entry *e)
{
	struct table_search *s = ctx;

	s->found = holds(s->format, e->level - 1u, e->pa, s->pa);
	return !s->found;
}

/* Whether a table of the target stands behind the address: by the self-map, the direct map or any other. */
static bool is_entry(const struct target *t, uint64_t va)
{
	struct pt_space space = target_space(t);
	struct table_search s;
	struct pt_walk w;

	pt_walk(&space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF)
		return false;
	s = (struct table_search){ .format = t->mode->format, .pa = w.pa.v };
	s.found = holds(s.format, t->mode->levels - 1u, space.root, s.pa);
	return s.found || (pt_visit(&space, 0, UINT64_MAX, PT_VISIT_TABLE, compare_table, &s) == OK && s.found);
}

/* What dt shows of other memory are that memory's bits under an entry's names. */
static void put_hint(struct out *out, const struct target *t, uint64_t address)
{
	uint64_t first, last;

	if (is_entry(t, address))
		return;
	out_printf(out, "Hint: no entry of these tables stands at %llx; ", (unsigned long long)address);
	if (target_selfmap(t, &first, &last))
		out_printf(out, "the self-map is at %llx-%llx, ", (unsigned long long)first, (unsigned long long)last);
	out_puts(out, "pte VA shows where the entries of VA are.\n");
}

static void dt(struct call *c)
{
	const char *type = c->arg[0].text, *member = c->arg[1].given ? c->arg[1].text : NULL;
	uint64_t address = 0;
	bool has_address;
	err_t err;

	/* dt TYPE ADDRESS: what is no member is the address. */
	if (member && windbg_dt(c->out, c->target, type, member, NULL) != OK)
		c->rest = c->text + c->arg[1].at;
	else if (member && !*c->rest)
		return;
	if (member && c->rest == c->text + c->arg[1].at)
		member = NULL;
	has_address = call_next(c, &address);
	if (has_address)
		address = target_address(c->target, address);
	if (c->failed)
		return;
	err = windbg_dt(c->out, c->target, type, member, has_address ? &address : NULL);
	if (err == ERR_NOT_FOUND)
		call_fail(c, 0, "no such type; _MMPTE, _MMPTE_HARDWARE, _SOFTWARE, _TRANSITION and _PROTOTYPE are known");
	else if (has_address)
		put_hint(c->out, c->target, address);
}
COMMAND(dt) = {
	.name = "dt", .schema = "wW*", .synopsis = "dt TYPE [MEMBER] [ADDRESS]",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = dt,
	.what = "an entry as bit-fields by name",
	.help = "  kd> dt nt!_MMPTE_HARDWARE {entry}\n"
	        "  Types: _MMPTE (u.Hard, u.Soft, u.Trans, u.Proto) and each of them alone. The fields are those of the\n"
	        "  paging format in use.\n"
	        "  WinDbg: dt   crash: struct\n",
};

static void explain_command(struct call *c)
{
	if (c->arg[0].given)
		explain(c->out, c->target, c->arg[0].value);
	else
		explain_fault(c->out, c->target, fault_recent(0));
}
COMMAND(explain) = {
	.name = "explain", .schema = "A", .synopsis = "explain [VA|ENTRY]",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = explain_command,
	.what = "a translation by hand, step by step; without argument the last fault",
	.help = "  kd> explain kmain\n"
	        "  The address in binary, cut into its indices; each table's address + index * size; each bit of each entry\n"
	        "  in words; the same bytes read by both addresses.\n",
};
