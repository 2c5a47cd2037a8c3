/* lessons/l6_tlb.c - L6: which changes of an entry need a flush, and the repair of a forgotten one.
 * SPDX-License-Identifier: MIT
 *
 * Tasks 1 to 4: four changes of entries that the TLB may hold. What needs a flush is the manuals' rule (Intel SDM vol. 3A 4.10.4.2
 * and 4.10.4.3, ARM DDI 0406C B3.10.1): a translation that allows less or leads elsewhere. After a right answer each change is
 * made without a flush, and the CPU's accesses are shown. Task 5: the CPU uses an old entry until the student flushes it.
 */
#include "arch/mmu.h"
#include "arch/trap.h"
#include "lessons/area.h"
#include "mm/space/aspace.h"

#define SHOWN 4
#define RW (PROT_R | PROT_W | PROT_GLOBAL)
#define RO (PROT_R | PROT_GLOBAL)
#define NONE 0u                 /* no entry */

/* The frames are those of the area: 0 before, 0 or 1 after. */
static const struct change {
	const char *words;
	prot_t before, after;
	unsigned frame;
	bool flush;
	const char *why;
} changes[] = {
	{ "a page gets another frame", RW, RW, 1, true, "the TLB may lead to the old frame, which can be another's by now" },
	{ "a writable page becomes read-only", RW, RO, 0, true,
	  "the TLB may still allow the write: copy-on-write would not see it" },
	{ "a page is removed", RW, NONE, 0, true, "the TLB may still lead to the frame after it was freed" },
	{ "a missing page is mapped", NONE, RW, 0, false, "the TLB holds no entries that are not present: the next access walks" },
	{ "a read-only page becomes writable", RO, RW, 0, false,
	  "an old entry can only fault; the handler finds the access allowed and flushes then" },
	{ "the same entry is stored again", RW, RW, 0, false, "nothing changed" },
	{ "a page gets another frame, and is read-only", RW, RO, 1, true, "the TLB may lead to the old frame, and allow writes" },
};

static unsigned shown[SHOWN];

static pte_t entry_of(unsigned frame, prot_t prot)
{
	return prot == NONE ? PTE(0) : area_leaf(frame, prot);
}

/* Different changes, of which at least one needs a flush and one does not. */
static void choose(struct task *t)
{
	unsigned flushes;

	do {
		flushes = 0;
		for (unsigned i = 0; i < SHOWN; i++) {
			bool again;

			do {
				again = false;
				shown[i] = (unsigned)task_random(t, ARRAY_LEN(changes));
				for (unsigned n = 0; n < i; n++)
					again |= shown[n] == shown[i];
			} while (again);
			flushes += changes[shown[i]].flush;
		}
	} while (flushes == 0 || flushes == SHOWN);
}

/* ---- task 5 ---- */

static unsigned stale_page;
static pte_t stale_entry;

static uint8_t cpu_byte(unsigned page)
{
	return *(const volatile uint8_t *)(uintptr_t)(lesson_area.va + (uint64_t)page * PAGE_SIZE);
}

/* Stores without the flush that area_set() makes. */
static void store(unsigned page, pte_t entry)
{
	(void)!pt_set(&kernel_aspace.space, lesson_area.va + (uint64_t)page * PAGE_SIZE, entry,
	              &(struct pt_change){ NULL, NULL, "lesson" });
}

static void set_stale(struct task *t, struct out *out)
{
	stale_page = (unsigned)task_random(t, AREA_PAGES);
	stale_entry = area_leaf(1, RW);
	area_set(stale_page, area_leaf(0, RW));
	(void)cpu_byte(stale_page);
	store(stale_page, stale_entry);
	area_count_mapping(1);
	out_printf(out, "The entry of %llx led to frame %llx and leads to frame %llx now; the flush was forgotten.\n",
	           (unsigned long long)(lesson_area.va + (uint64_t)stale_page * PAGE_SIZE),
	           (unsigned long long)lesson_area.frame[0].v,
	           (unsigned long long)lesson_area.frame[1].v);
	out_printf(out, "The CPU reads %02x; frame %llx begins with %02x. Repair it; the entry stays.  answer done\n",
	           cpu_byte(stale_page), (unsigned long long)lesson_area.frame[1].v, area_mark(1));
}

static bool set(struct task *t, struct out *out)
{
	if (area_make(2) != OK) {
		out_puts(out, "there is no memory for the pages of this unit\n");
		return false;
	}
	if (t->number == 5) {
		set_stale(t, out);
		return true;
	}
	choose(t);
	out_puts(out, "The CPU has used four pages; then their entries change. Which changes need a flush?\n");
	for (unsigned i = 0; i < SHOWN; i++)
		out_printf(out, "  %u  %s\n", i + 1, changes[shown[i]].words);
	out_puts(out, "answer yes or no for each, in this order\n");
	return true;
}

static void expect(struct task *t)
{
	static const char *const names[SHOWN] = { "change 1", "change 2", "change 3", "change 4" };

	for (unsigned i = 0; t->number < 5 && i < SHOWN; i++) {
		const struct change *c = &changes[shown[i]];

		task_expect(t, names[i], ANSWER_NUMBER, c->flush ? ANSWER_YES : ANSWER_NO);
		task_mistake(t, ANSWER_YES, c->why);
		task_mistake(t, ANSWER_NO, c->why);
	}
}

/* Makes each change without a flush and shows what the CPU does then. An entry may leave the TLB at any time, so both ends are
 * correct. */
static void demonstrate(struct out *out)
{
	for (unsigned i = 0; i < SHOWN; i++) {
		const struct change *c = &changes[shown[i]];
		uint64_t va = lesson_area.va + (uint64_t)i * PAGE_SIZE;
		uint8_t byte = 0;
		bool reads, writes;

		area_set(i, entry_of(0, c->before));
		(void)arch_probe(va, ACCESS_READ, 0);
		store(i, entry_of(c->frame, c->after));
		reads = arch_probe(va, ACCESS_READ, 0);
		if (reads)
			byte = cpu_byte(i);
		writes = reads && arch_probe(va, ACCESS_WRITE, byte);
		arch_tlb_flush_page((vaddr_t)va);
		out_printf(out, "  %u  without a flush the CPU ", i + 1);
		if (reads)
			out_printf(out, "reads %02x, the %s frame, and %s\n", byte, byte == area_mark(0) ? "first" : "second",
			           writes ? "can write" : "cannot write");
		else
			out_puts(out, "faults\n");
		area_set(i, PTE(0));
	}
}

static bool check(const struct task *t, struct out *out)
{
	if (t->number < 5) {
		demonstrate(out);
		return true;
	}
	if (area_entry(stale_page, NULL).v != stale_entry.v) {
		out_puts(out, "the entry is another one now; it was right, only the TLB was not\n");
		return false;
	}
	if (cpu_byte(stale_page) == area_mark(1))
		return true;
	out_printf(out, "the CPU still reads %02x\n", cpu_byte(stale_page));
	return false;
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const rules[TASK_HINTS] = {
		"the TLB keeps translations that were used; it does not notice stores to the tables",
		"an entry that is not present is never in the TLB",
		"a flush is needed if the old translation allows more than the new entry, or leads to another frame",
	};
	static const char *const repair[TASK_HINTS] = {
		"the store was right; what is old is the CPU's copy of the entry",
		"a command that stores an entry flushes it, too",
		"`setpte VA VALUE` with the value that the entry has already",
	};

	return t->number == 5 ? repair[i] : rules[i];
}

static void solve(const struct task *t, struct out *out)
{
	if (t->number == 5) {
		out_printf(out, "setpte %llx %llx\n", (unsigned long long)(lesson_area.va + (uint64_t)stale_page * PAGE_SIZE),
		           (unsigned long long)stale_entry.v);
		return;
	}
	for (unsigned i = 0; i < SHOWN; i++)
		out_printf(out, "  %u  %s: %s\n", i + 1, changes[shown[i]].flush ? "yes" : "no", changes[shown[i]].why);
}

static unsigned tasks(void) { return 5; }

LESSON(l6) = {
	.name = "L6", .title = "the TLB",
	.text = "The TLB is the CPU's memory of translations. Software says when an entry in it is old: a flush.\n",
	.values = "yes or no for each of the four changes; in the last task the word `done`",
	.closed = "lab",
	.tasks = tasks, .set = set, .expect = expect, .check = check, .end = area_free, .hint = hint, .solve = solve,
};
