/* lessons/l0_pte.c - L0: what a page table entry is, in a format whose tables fit on one screen.
 * SPDX-License-Identifier: MIT
 *
 * The memory of the toy machine is made from the seed: a page directory, page tables and data. The walker of every other format
 * translates in it.
 */
#include "lessons/lesson.h"
#include "lib/string.h"
#include "paging/toy.h"

#define TOY_PAGES  128u
#define TOY_TABLES 3u

static struct {
	uint8_t byte[TOY_PAGES * TOY_PAGE];
	unsigned directory, table[TOY_TABLES];   /* page numbers */
	uint16_t va;
} toy;

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	(void)ctx;
	(void)bytes;
	if (pa.v >= sizeof(toy.byte))
		return ERR_IO;
	*out = PTE(toy.byte[pa.v]);
	return OK;
}

static const struct pt_env toy_env = { .read = read_entry };
static const struct pt_mode toy_mode = { .format = &pt_toy, .pa_bits = 12, .levels = 2 };

static void toy_walk(struct pt_walk *w, struct pt_step *step)
{
	struct pt_tree tree = { &toy_mode, PADDR(toy.directory * TOY_PAGE) };
	struct pt_space space = { .env = &toy_env, .half = { tree, tree } };

	pt_walk(&space, toy.va, w, step, 2);
}

/* ---- the toy's memory ---- */

static unsigned free_page(struct task *t, uint32_t used[TOY_PAGES / 32])
{
	unsigned page;

	do
		page = (unsigned)task_random(t, TOY_PAGES);
	while (used[page / 32] >> page % 32 & 1);
	used[page / 32] |= 1u << page % 32;
	return page;
}

/* About half of the entries are valid. An entry that is not has bits in its page number, too: only the valid bit counts. */
static void fill_table(struct task *t, unsigned page)
{
	for (unsigned i = 0; i < TOY_PAGE; i++)
		toy.byte[page * TOY_PAGE + i] = (uint8_t)task_random(t, 256);
}

static void make_memory(struct task *t)
{
	uint32_t used[TOY_PAGES / 32] = { 1 };  /* page 0 is not used, so that no page number is 0 */

	for (unsigned i = 0; i < sizeof(toy.byte); i++)
		toy.byte[i] = (uint8_t)task_random(t, 256);
	toy.directory = free_page(t, used);
	for (unsigned i = 0; i < TOY_PAGE; i++)
		toy.byte[toy.directory * TOY_PAGE + i] = (uint8_t)toy_entry((unsigned)task_random(t, TOY_PAGES), false).v;
	for (unsigned i = 0; i < TOY_TABLES; i++) {
		unsigned slot = (unsigned)task_random(t, TOY_PAGE / TOY_TABLES) + i * (TOY_PAGE / TOY_TABLES);

		toy.table[i] = free_page(t, used);
		fill_table(t, toy.table[i]);
		toy.byte[toy.directory * TOY_PAGE + slot] = (uint8_t)toy_entry(toy.table[i], true).v;
	}
}

/* Tasks 1 and 2 end in a page, 3 at the PDE, 4 at the PTE, 5 anywhere. */
static bool is_wanted(unsigned number, const struct pt_walk *w)
{
	if (number == 3)
		return w->n == 1;
	if (number == 4)
		return w->n == 2 && w->outcome != PT_LEAF;
	return number == 5 || w->outcome == PT_LEAF;
}

static void put_page(struct out *out, unsigned page)
{
	out_printf(out, "  page %02x:", page);
	for (unsigned i = 0; i < TOY_PAGE; i++)
		out_printf(out, "%s%02x", i % 8 ? " " : "  ", toy.byte[page * TOY_PAGE + i]);
	out_char(out, '\n');
}

static bool set(struct task *t, struct out *out)
{
	struct pt_walk w;
	struct pt_step step[2];

	make_memory(t);
	do {
		toy.va = (uint16_t)task_random(t, 1u << 15);
		toy_walk(&w, step);
	} while (!is_wanted(t->number, &w));
	out_printf(out, "The page directory is page %02x; its entries lead to these page tables:\n", toy.directory);
	put_page(out, toy.directory);
	for (unsigned i = 0; i < TOY_TABLES; i++)
		put_page(out, toy.table[i]);
	out_printf(out, "Translate %04x.  answer PDEINDEX PDE PTEINDEX PTE ADDRESS, or fault where the walk ends\n", toy.va);
	return true;
}

/* ---- answers ---- */

static void expect_index(struct task *t, const char *what, const struct pt_step *s, unsigned other)
{
	task_expect(t, what, ANSWER_NUMBER, s->index);
	task_mistake(t, other, "that is the index of the other level: bits 14:10 select the PDE, bits 9:5 the PTE");
	task_mistake(t, (unsigned)toy.va >> (s->level ? 10 : 5), "the bits above the index were not removed");
	task_mistake(t, toy.va & (TOY_PAGE - 1), "that is the offset, bits 4:0");
	task_mistake(t, (unsigned)toy.va >> (s->level ? 11 : 6) & (TOY_PAGE - 1),
	             "one bit too far to the right: the lowest 5 bits are the offset");
	task_mistake(t, (unsigned)toy.va >> (s->level ? 9 : 4) & (TOY_PAGE - 1),
	             "one bit too far to the left: the lowest 5 bits are the offset");
}

static void expect_entry(struct task *t, const char *what, const struct pt_step *s, unsigned other_index)
{
	unsigned page = (unsigned)(s->entry_pa.v / TOY_PAGE);

	task_expect(t, what, ANSWER_NUMBER, s->entry.v);
	task_mistake(t, ANSWER_FAULT, "the task asks for the entry, valid or not; fault comes after an entry that is not");
	task_mistake(t, toy_number(s->entry),
	             "that is the page number in the entry; the entry is the whole byte, with its valid bit");
	task_mistake(t, s->index, "that is the index; the entry is the byte at this position of the table");
	task_mistake(t, s->entry_pa.v, "that is the address of the entry; the task asks for the byte there");
	task_mistake(t, toy.byte[page * TOY_PAGE + other_index], "that is the entry at the index of the other level");
	task_mistake(t, toy.byte[page * TOY_PAGE + (s->index + 1) % TOY_PAGE],
	             "that is the next entry: the first one has index 0");
	task_mistake(t, toy.byte[page * TOY_PAGE + (s->index + 31) % TOY_PAGE],
	             "that is the entry before: the first one has index 0");
	task_mistake(t, toy.byte[toy.directory * TOY_PAGE + s->index],
	             "that is from the page directory; the PDE names the page table");
	for (unsigned i = 0; i < TOY_TABLES; i++)
		task_mistake(t, toy.byte[toy.table[i] * TOY_PAGE + s->index], "that is from another table");
}

static void expect_address(struct task *t, const struct pt_walk *w)
{
	unsigned entry = (unsigned)w->last.entry.v, number = toy_number(w->last.entry), offset = toy.va & (TOY_PAGE - 1);

	task_expect(t, "physical address", ANSWER_NUMBER, w->pa.v);
	task_mistake(t, number * TOY_PAGE, "that is the first byte of the page: the offset, bits 4:0, is missing");
	task_mistake(t, number, "that is the page number; a page has 20 (hexadecimal) bytes");
	task_mistake(t, entry * TOY_PAGE + offset, "the valid bit is no part of the page number");
	task_mistake(t, number + offset, "the page number has to be multiplied by the page size before the offset is added");
	task_mistake(t, number * TOY_PAGE + w->last.index,
	             "that is the page and the index; the offset is bits 4:0 of the address");
	task_mistake(t, toy.va, "that is the virtual address");
	task_mistake(t, toy.byte[w->pa.v], "that is the byte at this address");
	task_mistake(t, w->last.entry_pa.v, "that is the address of the PTE");
}

static void expect(struct task *t)
{
	struct pt_walk w;
	struct pt_step step[2];
	unsigned pde = (unsigned)toy.va >> 10, pte = (unsigned)toy.va >> TOY_SHIFT & (TOY_PAGE - 1);

	toy_walk(&w, step);
	expect_index(t, "PDE index", &step[0], pte);
	task_mistake(t, ANSWER_FAULT, "an index is a part of the address; no entry was read yet");
	expect_entry(t, "PDE", &step[0], pte);
	if (w.n == 1) {
		task_expect(t, "PTE index", ANSWER_NUMBER, ANSWER_FAULT);
		task_mistake(t, pte, "bit 7 of the PDE is clear, so the walk ends: fault");
		return;
	}
	expect_index(t, "PTE index", &step[1], pde);
	expect_entry(t, "PTE", &step[1], pde);
	if (w.outcome == PT_LEAF) {
		expect_address(t, &w);
		return;
	}
	task_expect(t, "physical address", ANSWER_NUMBER, ANSWER_FAULT);
	task_mistake(t, toy_number(step[1].entry) * TOY_PAGE + (toy.va & (TOY_PAGE - 1)),
	             "bit 7 of the PTE is clear, so there is no page: fault");
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const hints[TASK_HINTS] = {
		"write the address as 15 binary digits and cut it: 5 for the PDE index, 5 for the PTE index, 5 for the offset",
		"the PDE is the byte at PDEINDEX of the page directory; without bit 7 it is the number of the page table",
		"bit 7 of each entry must be 1; the address is (PTE without bit 7) * 20 + offset, in hexadecimal",
	};

	(void)t;
	return hints[i];
}

static void solve(const struct task *t, struct out *out)
{
	struct pt_walk w;
	struct pt_step step[2];

	(void)t;
	toy_walk(&w, step);
	out_printf(out, "%04x is ", toy.va);
	for (unsigned bit = 15; bit-- > 0; )
		out_printf(out, "%u%s", toy.va >> bit & 1, bit == 10 || bit == 5 ? " " : "");
	out_printf(out,
	           ": PDE index %x, PTE index %x, offset %x\n", (unsigned)toy.va >> 10,
	           (unsigned)toy.va >> TOY_SHIFT & (TOY_PAGE - 1), toy.va & (TOY_PAGE - 1));
	for (unsigned i = 0; i < w.n; i++)
		out_printf(out,
		           "%s at %03x (page %02x * 20 + %x) is %02x: %s, page number %02x\n", pt_toy.level[step[i].level].vendor,
		           (unsigned)step[i].entry_pa.v, (unsigned)(step[i].entry_pa.v / TOY_PAGE), step[i].index,
		           (unsigned)step[i].entry.v, toy_valid(step[i].entry) ? "valid" : "not valid, fault",
		           toy_number(step[i].entry));
	if (w.outcome == PT_LEAF)
		out_printf(out, "%02x * 20 + %x = %03x\n", toy_number(w.last.entry), toy.va & (TOY_PAGE - 1), (unsigned)w.pa.v);
}

static unsigned tasks(void) { return 5; }

LESSON(l0) = {
	.name = "L0", .title = "what a page table entry is",
	.text = "A toy machine has addresses of 15 bits, pages of 32 bytes (20 hexadecimal) and entries of one byte:\n"
	        "bit 7 says that the entry is valid, bits 6:0 are a page number. Bits 14:10 of an address select an entry (PDE)\n"
	        "of the page directory; it names a page table, of which bits 9:5 select the entry (PTE); bits 4:0: the offset.\n",
	.values = "5 values: PDEINDEX PDE PTEINDEX PTE ADDRESS, or fewer and then `fault`",
	.most = 5, .tasks = tasks, .set = set, .expect = expect, .hint = hint, .solve = solve,
};
