/* shell/live/setpte.c - entries by hand: setpte, the journal of every store, and what a stale translation is.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "inspect/target.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/phys/kmap.h"
#include "mm/space/fault.h"
#include "mm/space/tlb.h"
#include "mm/space/vmalloc.h"
#include "shell/command.h"

/* Prints an entry with all digits of the format: 8 or 16. */
static void put_entry(struct out *out, const struct target *t, pte_t pte)
{
	out_printf(out, "%0*llx", t->mode->format->entry_bytes * 2, (unsigned long long)pte.v);
}

/* Refuses addresses that the kernel needs at once: the self-map, the image, the current stack. */
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

/* The address space whose entry pte shows. */
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

/* ---- the journal ---- */

static void put_store(struct out *out, const struct target *t, const struct journal_entry *e)
{
	out_printf(out, "%6llu  %10llx  ", (unsigned long long)e->number, (unsigned long long)e->pa.v);
	put_entry(out, t, e->old);
	out_puts(out, " -> ");
	put_entry(out, t, e->new);
	out_printf(out, "  %s\n", e->why ? e->why : "");
}

/* Steps back over at most `most` changes; returns how many there were. */
static uint64_t step_back(struct journal_cursor *at, uint64_t most)
{
	struct journal_entry e;
	uint64_t n = 0;

	while (n < most && journal_previous(at, &e))
		n++;
	return n;
}

/* The journal is read backwards and printed forwards, in pieces of this many changes. */
#define LOG_PIECE 64

/* Prints the n changes before `at`, oldest first. n is at most LOG_PIECE. */
static void put_piece(struct call *c, struct journal_cursor at, unsigned n)
{
	struct journal_entry e[LOG_PIECE];

	for (unsigned i = n; i-- > 0;)
		(void)!journal_previous(&at, &e[i]);
	for (unsigned i = 0; i < n; i++)
		put_store(c->out, c->target, &e[i]);
}

static void log(struct call *c)
{
	uint64_t most = c->arg[0].given ? c->arg[0].value : 16, count = journal_count();
	struct journal_cursor at = journal_end();
	uint64_t left = step_back(&at, most);

	while (left > 0) {
		unsigned n = left < LOG_PIECE ? (unsigned)left : LOG_PIECE;

		at = journal_end();
		step_back(&at, left - n + journal_count() - count);
		put_piece(c, at, n);
		left -= n;
		call_pause(c);
	}
	out_printf(c->out, "%llu stores so far; the last %llu are kept\n", (unsigned long long)journal_count(),
	           (unsigned long long)(journal_count() + 1 - journal_oldest()));
}
COMMAND(log) = {
	.name = "log", .schema = "U", .synopsis = "log [COUNT]", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = log,
	.what = "the last stores to page tables: address, old and new entry, reason",
	.help = "  kd> log 4\n  Number, physical address of the entry, old and new content, reason. See diff.\n",
};

/* A moment as typed: -4 is four stores ago, and the first there was if there were fewer stores. */
static uint64_t counted(uint64_t moment)
{
	uint64_t ago = 0 - moment;

	if ((int64_t)moment >= 0)
		return moment;
	return ago < journal_count() ? journal_count() - ago : 0;
}

/* Prints the entry of `e` when `e` is its newest change up to `to` and its value differs from that at `from`. */
static bool put_difference(struct out *out, const struct target *t, const struct journal_entry *e, uint64_t from,
                           uint64_t to)
{
	struct journal_entry oldest;

	if (journal_find(e->pa, e->number, to, false, &oldest) || !journal_find(e->pa, from, to, true, &oldest) ||
	    oldest.old.v == e->new.v)
		return false;
	out_printf(out, "%10llx  ", (unsigned long long)e->pa.v);
	put_entry(out, t, oldest.old);
	out_puts(out, " -> ");
	put_entry(out, t, e->new);
	out_char(out, '\n');
	return true;
}

static void diff(struct call *c)
{
	uint64_t now = journal_count(), from = c->arg[0].value, to = c->arg[1].given ? c->arg[1].value : now;
	struct journal_cursor at = journal_end();
	unsigned changed = 0, freed = 0;
	struct journal_entry e;

	from = counted(from);
	to = counted(to);
	if (from > to || to > now) {
		call_fail(c, from > to ? 0 : 1, from > to ? "FROM is after TO" : "there were fewer stores");
		return;
	}
	if (from + 1 < journal_oldest()) {
		call_fail(c, 0, "too old: the journal keeps the last %llu stores",
		          (unsigned long long)(now + 1 - journal_oldest()));
		return;
	}
	while (journal_previous(&at, &e) && e.number > from) {
		if (e.number > to)
			continue;
		if (journal_was_freed(e.pa, e.number, to))
			freed++;
		else
			changed += put_difference(c->out, c->target, &e, from, to);
		call_pause(c);
	}
	if (freed)
		out_printf(c->out, "%u of the stores went to tables that were freed later\n", freed);
	out_printf(c->out, "%u entries differ between store %llu and store %llu\n", changed, (unsigned long long)from,
	           (unsigned long long)to);
}
COMMAND(diff) = {
	.name = "diff", .schema = "eE", .synopsis = "diff FROM [TO]", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = diff,
	.what = "entries that differ between two store numbers, see log",
	.help = "  kd> diff -4\n  A negative number counts back from now. Entries changed and changed back are not shown.\n",
};

/* ---- lab tlb ---- */

static err_t lab_frames(pfn_t frame[2])
{
	for (unsigned i = 0; i < 2; i++) {
		unsigned char mark = (unsigned char)(0xA0 + i);
		err_t err = frame_alloc(FRAME_ZERO, FRAME_KERNEL, &frame[i]);

		if (err == OK)
			err = phys_write(pfn_base(frame[i]), &mark, 1);
		if (err == OK)
			continue;
		if (i)
			frame_put(frame[0]);
		return err;
	}
	return OK;
}

/* Maps va to the frame without a flush: the stale TLB entry is what the lab shows. */
static err_t lab_entry(const struct target *t, uint64_t va, pfn_t frame, pte_t *pte)
{
	const struct pt_mode *mode = t->mode;
	err_t err = mode->format->make_leaf(mode, 0, pfn_base(frame), PROT_R | PROT_W | PROT_ACCESSED | PROT_DIRTY, pte);

	return err == OK ? pt_set(&kernel_aspace.space, va, *pte, &(struct pt_change){ NULL, NULL, "lab tlb" }) : err;
}

/* va: a reserved page without an entry. The caller clears the entry and flushes, also after an error here. */
static void lab_steps(struct out *out, const struct target *t, uint64_t va, const pfn_t frame[2])
{
	const volatile unsigned char *p = (const volatile unsigned char *)(uintptr_t)va;
	unsigned char stale;
	pte_t pte;

	if (lab_entry(t, va, frame[0], &pte) != OK)
		return;
	out_printf(out, "The PTE of %llx maps frame %llx, whose first byte is a0.\n  read: %02x\n", (unsigned long long)va,
	           (unsigned long long)frame[0].v, *p);
	/* Nothing is printed between the read that fills the TLB and the next read. */
	(void)*p;
	if (lab_entry(t, va, frame[1], &pte) != OK)
		return;
	stale = *p;
	out_printf(out, "The PTE now maps frame %llx, whose first byte is a1. The TLB was not flushed.\n  read: %02x, %s\n",
	           (unsigned long long)frame[1].v, stale, stale == 0xA0 ? "stale: the TLB holds the old translation" :
	           "new: the TLB did not hold the old translation");
	arch_tlb_flush_page(va);
	out_printf(out, "TLB entry flushed.\n  read: %02x\n", *p);
}

static void lab(struct call *c)
{
	pfn_t frame[2];
	uint64_t va;
	err_t err;

	if (strcmp(c->arg[0].text, "tlb")) {
		call_fail(c, 0, "no such lab; use tlb");
		return;
	}
	err = vmalloc_reserve(PAGE_SIZE, "lab", &va);
	if (err == OK && (err = lab_frames(frame)) != OK)
		vfree((void *)(uintptr_t)va);
	if (err != OK) {
		call_fail(c, 0, "%s", err_text(err));
		return;
	}
	lab_steps(c->out, c->target, va, frame);
	(void)!pt_set(&kernel_aspace.space, va, PTE(0), &(struct pt_change){ NULL, NULL, "lab tlb" });
	arch_tlb_flush_page(va);
	vfree((void *)(uintptr_t)va);
	frame_put(frame[0]);
	frame_put(frame[1]);
}
COMMAND(lab) = {
	.name = "lab", .schema = "w", .synopsis = "lab tlb", .run = lab,
	.what = "experiment: the CPU uses a stale TLB entry until it is flushed",
	.help = "  kd> lab tlb\n  One PTE maps two frames in turn; three reads show the TLB.\n",
};
