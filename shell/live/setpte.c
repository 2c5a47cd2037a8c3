/* shell/live/setpte.c - setpte: writes the level-0 entry of an address, and flushes it.
 * SPDX-License-Identifier: MIT
 *
 * The value is stored as it is: no right, count or reference is checked or updated, and the entry
 * may be invalid. Missing tables are allocated. --noflush leaves the TLB as it is, so the CPU may go
 * on with the old translation (Intel SDM vol. 3A 4.10; ARM DDI 0406C B3.10): `lab tlb` shows that.
 * WinDbg: !ed of the entry's physical address, without a flush. Linux: set_pte() and
 * flush_tlb_page() by a module.
 */
#include "arch/mmu.h"
#include "inspect/target.h"
#include "lib/string.h"
#include "mm/space/share.h"
#include "mm/space/tlb.h"
#include "shell/command.h"
#include "shell/live/put_entry.h"

/* Refuses addresses whose translation the kernel needs for its next instruction: the self-map, the
 * image, the page of the stack in use. Everything else is allowed, also what breaks the kernel
 * later. */
static bool may_be_set(struct call *c, uint64_t va)
{
	const char *name;
	uint64_t offset;

	if (!pt_va_valid(c->target->mode, va)) {
		call_fail(c, 0, "no such address");
		return false;
	}
	for (const struct region *r = arch_regions(); r->name; r++)
		if (r->kind == REGION_SELFMAP && va >= r->first && va <= r->last) {
			call_fail(c, 0, "refused: entries of the self-map point to tables");
			return false;
		}
	if (c->target->symbol_at(c->target->ctx, va, &name, &offset) == OK ||
	    va >> PAGE_SHIFT == (uintptr_t)&name >> PAGE_SHIFT) {
		call_fail(c, 0, "refused: the address is in the kernel image or on the current stack");
		return false;
	}
	return true;
}

/* The address space whose entry pte shows. Entries of kernel addresses are written in the reference
 * tables, because the tables below the root are shared: the change is visible through every root. */
static struct aspace *space_of(const struct target *t, uint64_t va)
{
	paddr_t root = target_tables_at(t, va).half[0].root;

	if (va >= USER_END)
		return &kernel_aspace;
	list_for_each(l, &aspaces)
		if (container_of(l, struct aspace, link)->space.half[0].root.v == root.v)
			return container_of(l, struct aspace, link);
	return current_aspace;
}

/* The entry before and after. Loading a root flushes the entries of the user half, so tables that
 * are not loaded need no flush: the message names their space. */
static void put_change(struct out *out, const struct target *t, pte_t before, pte_t after,
                       const struct aspace *as, bool flush)
{
	put_entry(out, t, before);
	out_puts(out, " -> ");
	put_entry(out, t, after);
	if (as != &kernel_aspace && as != current_aspace)
		out_printf(out, ", in the tables of %s, which are not loaded: no flush needed\n", as->name);
	else
		out_puts(out, flush ? ", flushed\n" : ", not flushed: the CPU may still use the old one\n");
}

/* The value is schema `u`: an entry has up to 64 bits and is not sign-extended. Without --noflush,
 * tlb_finish() flushes the page. A large page at the address would hide the new entry: ERR_EXISTS. */
static void setpte(struct call *c)
{
	uint64_t va = c->arg[0].value;
	struct aspace *as = space_of(c->target, va);
	bool flush = !c->arg[2].given;
	pte_t before = PTE(0);
	struct pt_slot slot;
	struct tlb_batch b;
	err_t err;

	if (c->arg[2].given && strcmp(c->arg[2].text, "--noflush")) {
		call_fail(c, 2, "no such option");
		return;
	}
	if (c->target->mode->format->entry_bytes == 4 && c->arg[1].value >> 32) {
		call_fail(c, 1, "entries have 32 bits in this format");
		return;
	}
	if (!may_be_set(c, va))
		return;
	/* The entry of this space only. */
	err = share_end(as, va);
	if (err != OK) {
		call_fail(c, 0, "%s", err_text(err));
		return;
	}
	if (pt_lookup(&as->space, va, 0, &slot) == OK && slot.level == 0)
		before = slot.entry;
	tlb_begin(&b, as);
	err = pt_set(&as->space, va, PTE(c->arg[1].value), &(struct pt_change){ flush ? tlb_change : NULL, &b, "setpte" });
	tlb_finish(&b);
	if (err != OK) {
		call_fail(c, 0, err == ERR_EXISTS ? "a large page is mapped there" : "%s", err_text(err));
		return;
	}
	put_change(c->out, c->target, before, PTE(c->arg[1].value), as, flush);
}
COMMAND(setpte) = {
	.name = "setpte", .schema = "auo", .synopsis = "setpte VA ENTRY [--noflush]", .run = setpte,
	.what = "write the PTE (lowest-level entry) of an address",
	.help = "  kd> setpte {virtual} 0\n"
	        "  Counts and checks nothing: the frame keeps its references, and the entry may be invalid. Writes the entry that\n"
	        "  pte shows: after .process /P (ARM: /p) that of the selected process.\n"
	        "  WinDbg: !ed (without a flush)\n",
};
