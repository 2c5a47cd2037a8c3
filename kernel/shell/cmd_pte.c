/* kernel/shell/cmd_pte.c - pte in all its forms, pte2va, dt and explain: entries, one by one or all.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "kernel/inspect/explain.h"
#include "kernel/inspect/fields.h"
#include "kernel/inspect/windbg.h"
#include "kernel/kernel.h"
#include "kernel/shell/command.h"
#include "kernel/shell/explain_fault.h"
#include "kernel/string.h"

static void pte(struct call *c)
{
	uint64_t va = c->arg[0].value, last = c->arg[1].value, page = va;

	if (c->arg[1].given && c->has_length)
		last = va + (c->length ? c->length - 1 : 0);
	(void)target_page_of_entry(&live_target, va, &page);
	if (!c->arg[1].given)
		windbg_pte(c->out, &live_target, page);
	else if (last == 1 && !c->has_length)
		windbg_pte_literal(c->out, &live_target, 0, PTE(va));
	else if (last < va)
		call_fail(c, 1, "the range ends before it begins; 1 means that the first is an entry");
	else
		windbg_pte_range(c->out, &live_target, va, last, NULL, NULL);
}
COMMAND(pte) = {
	.name = "pte", .schema = "eR", .synopsis = "pte VA | pte ENTRY-ADDRESS | pte ENTRY 1 | pte FIRST LAST",
	.flags = CMD_LOOKS | CMD_EXAMPLE,
	.run = pte, .what = "the entries that translate VA, level by level",
	.help = "  kd> pte kmain\n"
	        "  Each column is a level: where its entry stands (readable with dq: the self-map), what it contains, and\n"
	        "  the frame with its letters: C G L D A N T U/K W/R E V (copy on write, global, large, dirty, accessed,\n"
	        "  no cache, write-through, user/kernel, write/read, execute, valid).\n"
	        "  An address in the self-map is taken as that of an entry; ENTRY 1 decodes a number. FIRST LAST (or\n"
	        "  FIRST L BYTES) goes through a range; what has no table is one step.\n"
	        "  WinDbg: !pte   crash: vtop, pte   QEMU: info tlb\n",
};

static void pte2va(struct call *c)
{
	uint64_t va;

	if (!target_page_of_entry(&live_target, c->arg[0].value, &va))
		call_fail(c, 0, "not the address of an entry: outside the self-map");
	else
		(void)!windbg_pte2va(c->out, &live_target, c->arg[0].value);
}
COMMAND(pte2va) = {
	.name = "pte2va", .schema = "e", .synopsis = "pte2va ENTRY-ADDRESS",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = pte2va,
	.what = "the page that the entry at this address of the self-map translates",
	.help = "  kd> pte2va {self-map entry}\n  Where the format can have no self-map (ARM) there are no such addresses.\n"
	        "  WinDbg: !pte2va\n",
};

/* ---- bits ---- */

static void dt(struct call *c)
{
	const char *type = c->arg[0].text, *member = c->arg[1].given ? c->arg[1].text : NULL;
	uint64_t address;
	bool has_address;
	err_t err;

	/* dt TYPE ADDRESS: what is no member is the address. */
	if (member && windbg_dt(c->out, &live_target, type, member, NULL) != OK)
		c->rest = c->text + c->arg[1].at;
	else if (member && !*c->rest)
		return;
	if (member && c->rest == c->text + c->arg[1].at)
		member = NULL;
	has_address = call_next(c, &address);
	if (c->failed)
		return;
	err = windbg_dt(c->out, &live_target, type, member, has_address ? &address : NULL);
	if (err == ERR_NOT_FOUND)
		call_fail(c, 0, "no such type; _MMPTE, _MMPTE_HARDWARE, _SOFTWARE, _TRANSITION and _PROTOTYPE are known");
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
		explain(c->out, &live_target, c->arg[0].value);
	else
		explain_fault(c->out, fault_recent(0));
}
COMMAND(explain) = {
	.name = "explain", .schema = "E", .synopsis = "explain [VA|ENTRY]",
	.flags = CMD_LOOKS | CMD_EXAMPLE, .run = explain_command,
	.what = "a translation by hand, step by step; without argument the last fault",
	.help = "  kd> explain kmain\n"
	        "  The address in binary, cut into its indices; each table's address + index * size; each bit of each entry\n"
	        "  in words; the same bytes read by both addresses.\n",
};
