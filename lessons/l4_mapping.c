/* lessons/l4_mapping.c - L4: a mapping made with nothing but stores to physical memory.
 * SPDX-License-Identifier: MIT
 *
 * The walker says whether the mapping is what the task wants, the CPU reads through it, and no other entry of the table may differ.
 */
#include "arch/mmu.h"
#include "arch/trap.h"
#include "isa/isa.h"
#include "lessons/area.h"
#include "mm/phys/frame.h"
#include "mm/phys/kmap.h"
#include "mm/space/aspace.h"

static uint64_t sum;
static unsigned page;           /* task 3: and the one behind it */

static const struct { prot_t prot; const char *words; unsigned pages; } wants[] = {
	{ PROT_R | PROT_W, "readable and writable for the kernel", 1 },
	{ PROT_R, "read-only for the kernel", 1 },
	{ PROT_R | PROT_W, "readable and writable for the kernel", 2 },
	{ PROT_R | PROT_W, "readable and writable for the kernel", 1 },
};

#define LARGE_TASK (ARRAY_LEN(wants) + 1)

static uint64_t va_of(unsigned i)
{
	return lesson_area.va + (uint64_t)(page + i) * PAGE_SIZE;
}

/* Bit i: page i of the area is one that the student maps. */
static uint32_t chosen_pages(unsigned pages)
{
	return ((1u << pages) - 1) << page;
}

static bool set_large(struct out *out)
{
	const struct pt_mode *mode;

	if (area_make_large() != OK) {
		out_puts(out, "there are no addresses for a large page\n");
		return false;
	}
	mode = lesson_mode(lesson_area.large);
	sum = area_sum_large();
	out_printf(out,
	           "Map %llx to physical %llx by one large page (%s), read-only for the kernel%s.\n",
	           (unsigned long long)lesson_area.large,
	           (unsigned long long)lesson_area.large_pa.v, mode->format->level[1].vendor,
	           mode->format->caps & PT_HAS_NX ? ", not executable" : "");
	out_printf(out, "%s has the table at physical %llx.  answer done\n", mode->format->isa->root,
	           (unsigned long long)lesson_root(lesson_area.large).v);
	return true;
}

static bool set_small(struct task *t, struct out *out)
{
	unsigned pages = wants[t->number - 1].pages;
	const struct pt_mode *mode;

	if (area_make(4) != OK) {
		out_puts(out, "there is no memory for the pages of this unit\n");
		return false;
	}
	mode = lesson_mode(lesson_area.va);
	page = (unsigned)task_random(t, AREA_PAGES - 1);
	/* An entry that was used before, and says something else. */
	if (t->number == 4)
		area_set(page, area_leaf(3, PROT_R));
	sum = area_sum(chosen_pages(pages));
	out_printf(out, "Map %llx", (unsigned long long)va_of(0));
	if (pages == 2)
		out_printf(out, " and %llx, both", (unsigned long long)va_of(1));
	out_printf(out, " to frame %llx (physical %llx),\n%s%s.\n", (unsigned long long)lesson_area.frame[0].v,
	           (unsigned long long)pfn_base(lesson_area.frame[0]).v, wants[t->number - 1].words,
	           mode->format->caps & PT_HAS_NX ? ", not executable" : "");
	out_printf(out, "%s%s has the table at physical %llx. The tables exist, only the last entry is missing.  answer done\n",
	           t->number == 4 ? "The entry maps another frame, read-only, now.\n" : "", mode->format->isa->root,
	           (unsigned long long)lesson_root(lesson_area.va).v);
	return true;
}

static bool set(struct task *t, struct out *out)
{
	return t->number == LARGE_TASK ? set_large(out) : set_small(t, out);
}

/* The commands that flush are closed, and the TLB may hold an entry of before: it is flushed here. */
static bool cpu_reads(uint64_t va, uint8_t mark)
{
	arch_tlb_flush_page((vaddr_t)va);
	return arch_probe(va, ACCESS_READ, 0) && *(const volatile uint8_t *)(uintptr_t)va == mark;
}

static bool check_large(struct out *out)
{
	uint8_t byte;

	if (area_complain(out, lesson_area.large, 1, lesson_area.large_pa.v, PROT_R))
		return false;
	if (area_sum_large() != sum) {
		out_puts(out, "another entry of a higher table has changed, too: put it back\n");
		return false;
	}
	if (phys_read(lesson_area.large_pa, &byte, 1) == OK && cpu_reads(lesson_area.large, byte))
		return true;
	out_puts(out, "the CPU does not read that memory there\n");
	return false;
}

static bool check_small(const struct task *t, struct out *out)
{
	unsigned pages = wants[t->number - 1].pages;

	for (unsigned i = 0; i < pages; i++)
		if (area_complain(out, va_of(i), 0, pfn_base(lesson_area.frame[0]).v, wants[t->number - 1].prot))
			return false;
	if (area_sum(chosen_pages(pages)) != sum) {
		out_puts(out, "another entry of the same table has changed, too: put it back\n");
		return false;
	}
	for (unsigned i = 0; i < pages; i++) {
		if (cpu_reads(va_of(i), area_mark(0)))
			continue;
		out_printf(out, "the CPU does not read the frame at %llx\n", (unsigned long long)va_of(i));
		return false;
	}
	return true;
}

static bool check(const struct task *t, struct out *out)
{
	return t->number == LARGE_TASK ? check_large(out) : check_small(t, out);
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const hints[TASK_HINTS] = {
		"walk to the entry as in L2: it is at TABLE + INDEX * SIZE; `!ed` stores 4 bytes at a physical address, `!eq` 8",
		"the entry: the frame's address, and bits: present, writable, accessed, not executable; `pte` shows others",
		"an entry of 8 bytes has its not-executable bit in the upper half; `dt` names every bit of a value",
	};

	(void)t;
	return hints[i];
}

static void put_store(struct out *out, paddr_t at, pte_t entry)
{
	unsigned digits = lesson_entry_digits();

	out_printf(out,
	           "%s %llx %0*llx\n", digits == 16 ? "!eq" : "!ed", (unsigned long long)at.v, (int)digits,
	           (unsigned long long)entry.v);
}

static void solve_large(struct out *out)
{
	const struct pt_mode *mode = lesson_mode(lesson_area.large);
	struct task_walk w;
	pte_t leaf = PTE(0);

	lesson_walk(lesson_area.large, &w);
	(void)!mode->format->make_leaf(mode, 1, lesson_area.large_pa, PROT_R | PROT_ACCESSED | PROT_DIRTY, &leaf);
	put_store(out, w.walk.last.entry_pa, leaf);
}

static void solve(const struct task *t, struct out *out)
{
	unsigned pages;

	if (t->number == LARGE_TASK) {
		solve_large(out);
		return;
	}
	pages = wants[t->number - 1].pages;
	for (unsigned i = 0; i < pages; i++) {
		paddr_t at;

		(void)area_entry(page + i, &at);
		put_store(out, at, area_leaf(0, wants[t->number - 1].prot));
	}
}

/* Without large pages the last task does not exist. */
static unsigned tasks(void)
{
	const struct pt_mode *mode = kernel_aspace.space.half[0].mode;
	pte_t leaf;

	bool large = mode->format->level[1].leaf && mode->format->make_leaf(mode, 1, PADDR(0), PROT_R, &leaf) == OK;

	return large ? LARGE_TASK : LARGE_TASK - 1;
}

LESSON(l4) = {
	.name = "L4", .title = "building a mapping",
	.text = "Make a mapping yourself: find the entry's physical address and store the entry there. Nothing else may change.\n",
	.values = "the word `done`",
	.closed = "map unmap setpte protect fill demand devmem remap run lab",
	.tasks = tasks, .set = set, .check = check, .end = area_free, .hint = hint, .solve = solve,
};
