/* shell/look/pte.c - pte: the entries that translate an address, one by one or for a range.
 * SPDX-License-Identifier: MIT
 *
 * Each column is one level: address of the entry, contents, frame number, letters (docs/formats.md,
 * section 4). On formats with a self-map the address of an entry is a virtual one, as in Windows; on
 * ARM it is the entry's address in the direct map. The second argument selects the form:
 * none, 1 (the first argument is an entry), LAST, or L COUNT.
 * WinDbg: !pte. crash: vtop, pte. QEMU: info tlb.
 */
#include "inspect/windbg.h"
#include "shell/command.h"
#include "shell/look/translated.h"
#include "lib/string.h"

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

/* pte ENTRY 1 [LEVEL]: decodes a number as an entry; reads no table. Default: the lowest level. The
 * value is taken without sign extension: an entry can have bit 31 or 63 set. */
static void literal(struct call *c)
{
	pte_t entry = PTE(c->arg[0].number);
	unsigned level = 0;

	if (c->target->mode->format->entry_bytes == 4 && target_address(c->target, entry.v) >> 32)
		call_fail(c, 0, "entries have 32 bits in this format");
	else if (!c->arg[2].given)
		windbg_pte_assumed(c->out, c->target, 0, entry);
	else if (level_named(c->target, c->arg[2].text, &level))
		windbg_pte_literal(c->out, c->target, level, entry);
	else
		call_fail(c, 2, "no such level: use %s for the lowest, %s for the next", c->target->mode->format->level[0].windbg,
		          c->target->mode->format->level[1].windbg);
}

/* Ends a range of L entries after the last one. left: how many are to come, this one included; at
 * least 1. */
static bool one_more(void *left)
{
	return --*(uint64_t *)left > 0;
}

/* LAST is inclusive. With L, the range ends after c->length entries, whatever their addresses: an
 * address without a table is one step (windbg_pte_range()). */
static void pte_range(struct call *c)
{
	uint64_t va = c->arg[0].value, last = c->has_length ? UINT64_MAX : c->arg[1].value, left = c->length;

	if (last < va)
		call_fail(c, 1, "the end of the range is below its start (1 as second argument: the first is an entry)");
	else if (c->has_length && !left)
		call_fail(c, 1, "the count is 0");
	else
		windbg_pte_range(c->out, c->target, va, last, c->has_length ? one_more : NULL, &left);
}

/* no_answer: the address is not mapped; its entries are printed all the same. */
static void one(struct call *c, uint64_t va)
{
	windbg_pte(c->out, c->target, va);
	target_put_sharing(c->out, c->target, c->target->root, va);
	c->no_answer = !is_translated(c->target, va);
}

/* An address in the self-map means the page whose entry is there: target_page_of_entry() replaces
 * it, and leaves other addresses as they are. */
static void pte(struct call *c)
{
	uint64_t va = c->arg[0].value, page = va;

	if (c->arg[1].given && !c->has_length && c->arg[1].value == 1) {
		literal(c);
		return;
	}
	(void)target_page_of_entry(c->target, va, &page);
	if (c->arg[2].given)
		call_fail(c, 2, "a level applies to an entry only: pte ENTRY 1 %s", c->arg[2].text);
	else if (c->arg[1].given)
		pte_range(c);
	else
		one(c, page);
}
COMMAND(pte) = {
	.name = "pte", .schema = "aRW",
	.synopsis = "pte VA | pte ENTRY-ADDRESS | pte ENTRY 1 [LEVEL] | pte FIRST LAST | pte FIRST L COUNT",
	.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE,
	.run = pte, .what = "the entries that translate VA, level by level",
	.help = "  kd> pte kmain\n"
	        "  Each column is one level: the address of the entry (in the self-map: readable with dq), its content, its frame\n"
	        "  number and letters: C G L D A N T U/K W/R E V (copy on write, global, large, dirty, accessed, not cached,\n"
	        "  write-through, user/kernel, write/read, execute, valid).\n"
	        "  An address in the self-map is taken as the address of an entry. ENTRY 1 decodes a number as an entry of LEVEL,\n"
	        "  a name from the columns (pde); default: the lowest level. FIRST LAST shows a range of addresses, FIRST L COUNT\n"
	        "  COUNT entries. Addresses without a table are one step.\n"
	        "  WinDbg: !pte   crash: vtop, pte   QEMU: info tlb\n",
};
