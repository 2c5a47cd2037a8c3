/* lessons/l7_detective.c - L7: a damaged address space: find the page, name the damage, repair it.
 * SPDX-License-Identifier: MIT
 *
 * Sixteen pages map sixteen frames, read-only for the kernel. One of twelve kinds of damage is done to the entry of one page (one
 * kind exchanges two). The repair is judged by the walker, and no other entry of the table may have changed.
 */
#include "arch/mmu.h"
#include "lessons/area.h"
#include "mm/phys/frame.h"
#include "mm/phys/memmap.h"

#define PROPER (PROT_R | PROT_GLOBAL)

static unsigned damaged, kind;
static uint64_t sum;

static pte_t proper(unsigned page)
{
	return area_leaf(page, PROPER);
}

/* ---- kinds of damage: the entry of `page` afterwards; 0 where this format or machine cannot have it ---- */

/* The proper entry with one bit changed, so that it is of the wanted kind. */
static pte_t one_bit(unsigned page, enum pt_kind wanted)
{
	const struct pt_mode *mode = lesson_mode(lesson_area.va);

	for (unsigned bit = 0; bit < mode->format->entry_bytes * 8u; bit++) {
		pte_t other = PTE(proper(page).v ^ 1ull << bit);

		if (mode->format->kind(mode, 0, other) == wanted)
			return other;
	}
	return PTE(0);
}

static pte_t with_rights(unsigned page, prot_t more)
{
	pte_t other = area_leaf(page, PROPER | more);

	return other.v == proper(page).v ? PTE(0) : other;
}

static pte_t to_address(unsigned page, uint64_t pa)
{
	const struct pt_mode *mode = lesson_mode(lesson_area.va);
	pte_t other;

	if (mode->format->make_leaf(mode, 0, PADDR(pa), PROPER | PROT_ACCESSED | PROT_DIRTY, &other) != OK)
		return PTE(0);
	(void)page;
	return other;
}

static pte_t not_present(unsigned page)  { return one_bit(page, PT_SOFT); }
static pte_t writable(unsigned page)     { return with_rights(page, PROT_W); }
static pte_t user(unsigned page)         { return with_rights(page, PROT_U); }
static pte_t executable(unsigned page)   { return with_rights(page, PROT_X); }
static pte_t other_page(unsigned page)   { return proper((page + 5) % AREA_PAGES); }
static pte_t bad(unsigned page)          { return one_bit(page, PT_BAD); }
static pte_t beyond(unsigned page)       { return to_address(page, pfn_base(memmap_end(&mm_ram)).v + (1u << 30)); }
static pte_t uncached(unsigned page)     { return with_rights(page, CACHE_UC); }

static pte_t own_table(unsigned page)
{
	paddr_t at;

	(void)area_entry(page, &at);
	return to_address(page, ALIGN_DOWN(at.v, PAGE_SIZE));
}

/* A frame of RAM that is none of the sixteen, and not the page table. */
static pte_t strange_frame(unsigned page)
{
	pfn_t first = memmap_first(&mm_ram);
	pte_t other = to_address(page, pfn_base(PFN(first.v + page + 1)).v);
	bool is_one = other.v == own_table(page).v;

	for (unsigned i = 0; i < AREA_FRAMES; i++)
		is_one |= lesson_area.frame[i].v == first.v + page + 1;
	return is_one ? PTE(0) : other;
}

static const struct damage { const char *words; pte_t (*make)(unsigned page); bool zero, swap; } damages[] = {
	{ "the valid bit is clear", not_present, false, false },
	{ "the entry is zero", NULL, true, false },
	{ "writing is allowed", writable, false, false },
	{ "user mode may access it", user, false, false },
	{ "executing is allowed", executable, false, false },
	{ "a frame that is none of these", strange_frame, false, false },
	{ "exchanged with the entry of the next page", NULL, false, true },
	{ "the frame of another of these pages", other_page, false, false },
	{ "a reserved bit or type", bad, false, false },
	{ "it maps the page table itself", own_table, false, false },
	{ "not cached", uncached, false, false },
	{ "a frame beyond the end of memory", beyond, false, false },
};

/* ---- tasks ---- */

static uint64_t page_va(unsigned i)
{
	return lesson_area.va + (uint64_t)i * PAGE_SIZE;
}

/* A kind that this format has. Every one of them comes up with some seed. */
static pte_t choose(struct task *t)
{
	const struct damage *d;
	pte_t entry;

	do {
		kind = (unsigned)task_random(t, ARRAY_LEN(damages));
		damaged = (unsigned)task_random(t, AREA_PAGES - 1);
		d = &damages[kind];
		entry = d->swap ? proper(damaged + 1) : d->zero ? PTE(0) : d->make(damaged);
	} while (!d->zero && !entry.v);
	return entry;
}

static uint32_t changed_pages(void)
{
	return damages[kind].swap ? 3u << damaged : 1u << damaged;
}

static bool set(struct task *t, struct out *out)
{
	pte_t entry;

	if (area_make(AREA_FRAMES) != OK) {
		out_puts(out, "there is no memory for the pages of this unit\n");
		return false;
	}
	for (unsigned i = 0; i < AREA_PAGES; i++) {
		area_set(i, proper(i));
		area_count_mapping(i);
	}
	entry = choose(t);
	area_set(damaged, entry);
	if (damages[kind].swap)
		area_set(damaged + 1, proper(damaged));
	sum = area_sum(changed_pages());
	out_printf(out, "Pages %llx to %llx should map these frames, read-only, for the kernel, not executable, cached:\n ",
	           (unsigned long long)page_va(0), (unsigned long long)page_va(AREA_PAGES - 1));
	for (unsigned i = 0; i < AREA_PAGES; i++)
		out_printf(out, " %llx", (unsigned long long)lesson_area.frame[i].v);
	out_puts(out, "\nOne entry is damaged:");
	for (unsigned i = 0; i < ARRAY_LEN(damages); i++)
		out_printf(out, "%s%x %s", i % 3 ? "; " : "\n  ", i + 1, damages[i].words);
	out_puts(out, "\nRepair it, then  answer KIND VA\n");
	return true;
}

static const char *const other_kinds[] = {
	"compare the frame first, then each bit of rights, then the memory type",
};

static void expect(struct task *t)
{
	task_expect(t, "kind", ANSWER_NUMBER, kind + 1);
	if (damages[kind].swap)
		task_mistake(t, 8, "the other page has the frame of this one: the two are exchanged");
	if (kind == 0)
		task_mistake(t, 2, "only one bit differs; an entry that is not present need not be zero");
	if (kind == 5)
		task_mistake(t, 8, "that frame is none of the sixteen");
	if (kind == 11)
		task_mistake(t, 6, "look where memory ends (`runs`)");
	for (unsigned i = 1; i <= ARRAY_LEN(damages); i++)
		task_mistake(t, i, other_kinds[0]);
	task_expect(t, "page", ANSWER_NUMBER, page_va(damaged));
	task_mistake(t, damaged, "that is its number; the task asks for its address");
	task_mistake(t, page_va(damaged + 1), damages[kind].swap ? "the first of the two" : "that is the page behind it");
	for (unsigned i = 0; i < AREA_PAGES; i++)
		task_mistake(t, page_va(i), "that page is as it should be");
}

static bool is_proper(unsigned page, struct out *out)
{
	const struct pt_mode *mode = lesson_mode(lesson_area.va);
	prot_t cache = PROT_CACHE_MASK;
	struct task_walk w;

	if (area_complain(out, page_va(page), 0, pfn_base(lesson_area.frame[page]).v, PROT_R))
		return false;
	lesson_walk(page_va(page), &w);
	if (!((mode->format->prot(mode, 0, w.walk.last.entry) ^ mode->format->prot(mode, 0, proper(page))) & cache))
		return true;
	out_printf(out, "%llx has another memory type than its neighbours\n", (unsigned long long)page_va(page));
	return false;
}

static bool check(const struct task *t, struct out *out)
{
	(void)t;
	for (unsigned i = 0; i < AREA_PAGES; i++)
		if ((changed_pages() >> i & 1) && !is_proper(i, out))
			return false;
	if (area_sum(changed_pages()) == sum)
		return true;
	out_puts(out, "an entry that was right has changed, too: put it back\n");
	return false;
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const hints[TASK_HINTS] = {
		"`pte FIRST LAST` prints the entries of a range: look for the one that is not like its neighbours",
		"compare the frame numbers with the list, then the letters; `dt` shows each field of an entry",
		"`setpte VA VALUE` with the value that follows from a neighbour's entry: the same bits, another frame",
	};

	(void)t;
	return hints[i];
}

static void solve(const struct task *t, struct out *out)
{
	(void)t;
	out_printf(out, "%llx: kind %x, %s\n", (unsigned long long)page_va(damaged), kind + 1, damages[kind].words);
	for (unsigned i = 0; i < AREA_PAGES; i++)
		if (changed_pages() >> i & 1)
			out_printf(out, "setpte %llx %llx\n", (unsigned long long)page_va(i), (unsigned long long)proper(i).v);
}

static unsigned tasks(void) { return 6; }

LESSON(l7) = {
	.name = "L7", .title = "detective",
	.text = "Sixteen pages of the kernel's half; one is not as it should be. Commands that show stores are closed.\n"
	        "Kinds are numbered in hexadecimal.\n",
	.values = "KIND VA",
	.closed = "log diff",
	.tasks = tasks, .set = set, .expect = expect, .check = check, .end = area_free, .hint = hint, .solve = solve,
};
