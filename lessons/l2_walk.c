/* lessons/l2_walk.c - L2: the walk by hand, with a memory dump and a calculator.
 * SPDX-License-Identifier: MIT
 *
 * One task for each level, from the root down, and one for the byte at the end. The tables are those that the CPU uses.
 */
#include "inspect/explain.h"
#include "isa/isa.h"
#include "lessons/lesson.h"
#include "lessons/machine.h"

static uint64_t va;

static unsigned tasks(void)
{
	return lesson_target().mode->levels + 1u;
}

/* One address for the whole unit: task 1 chooses it, and so does a task that was set again. */
static bool choose(struct task *t, struct out *out)
{
	struct target now = lesson_target();
	struct task_walk w;

	for (unsigned i = 0; i < 256 && lesson_pick(t, true, &va); i++) {
		const struct region *r = target_region(&now, va);

		lesson_walk(va, &w);
		/* A stack changes between the question and the answer. */
		if (w.walk.n == now.mode->levels && (!(w.walk.prot & PROT_W) || r->kind == REGION_LOGICAL))
			return true;
	}
	out_puts(out, "no page of the kernel has an entry at every level\n");
	return false;
}

static const struct pt_step *step_of(const struct task *t, const struct task_walk *w)
{
	return &w->step[t->number - 1];
}

static const char *name_of(const struct pt_step *s)
{
	return lesson_mode(va)->format->level[s->level].vendor;
}

/* The address changes where numbers of their own are needed: at task 1, and after `solve`. */
static unsigned last_number;

static bool set(struct task *t, struct out *out)
{
	const struct pt_format *f = lesson_target().mode->format;
	struct task_walk w;

	if ((t->number == 1 || t->number == last_number) && !choose(t, out))
		return false;
	last_number = t->number;
	lesson_walk(va, &w);
	if (t->number == tasks()) {
		out_printf(out,
		           "The byte at %llx: where is it, and what is it?  answer ADDRESS BYTE\n", (unsigned long long)va);
		return true;
	}
	out_printf(out, "Translate %llx.", (unsigned long long)va);
	if (t->number == 1)
		out_printf(out, " %s has the table at physical %llx.", f->isa->root, (unsigned long long)lesson_root(va).v);
	out_printf(out, "\nIts %s: index, physical address, the entry, and where it points.  answer INDEX ADDRESS ENTRY NEXT\n",
	           name_of(step_of(t, &w)));
	return true;
}

/* ---- the answers of one level ---- */

static paddr_t table_of(const struct task *t, const struct task_walk *w)
{
	const struct pt_step *s = step_of(t, w);

	return PADDR(s->entry_pa.v - (uint64_t)s->index * lesson_mode(va)->format->entry_bytes);
}

static void expect_index(struct task *t, const struct task_walk *w)
{
	const struct pt_step *s = step_of(t, w);
	const struct pt_level *l = &lesson_mode(va)->format->level[s->level];

	task_expect(t, "index", ANSWER_NUMBER, s->index);
	task_mistake(t, (uint64_t)s->index * lesson_mode(va)->format->entry_bytes,
	             "that is the index times the size of an entry: the offset in the table");
	for (unsigned i = 0; i < w->walk.n; i++)
		task_mistake(t, w->step[i].index, "that is the index of another level");
	task_mistake(t, va >> l->shift, "the bits above the index were not removed");
	task_mistake(t, va >> l->shift & ((1u << (l->bits + 1)) - 1), "that has one bit too many");
	task_mistake(t, va >> (l->shift + 1) & ((1u << l->bits) - 1), "one bit too far to the right");
	task_mistake(t, va >> (l->shift - 1) & ((1u << l->bits) - 1), "one bit too far to the left");
}

static void expect_address(struct task *t, const struct task_walk *w)
{
	const struct pt_step *s = step_of(t, w);
	unsigned size = lesson_mode(va)->format->entry_bytes;
	paddr_t table = table_of(t, w);

	task_expect(t, "address of the entry", ANSWER_NUMBER, s->entry_pa.v);
	task_mistake(t, table.v + s->index, "the index has to be multiplied by the size of an entry");
	task_mistake(t, table.v + (uint64_t)s->index * (size ^ 12), "an entry of this format has another size");
	task_mistake(t, table.v, "that is the first entry of the table");
	task_mistake(t, lesson_direct(s->entry_pa),
	             "that is a virtual address of the entry; the task asks for the physical one");
	task_mistake(t, lesson_root(va).v + (uint64_t)s->index * size,
	             "that is in the root table; the entry above has the address of this table");
	for (unsigned i = 0; i < w->walk.n; i++)
		task_mistake(t, table.v + (uint64_t)w->step[i].index * size,
		             "that is the right table with the index of another level");
	if (t->number > 1)
		task_mistake(t, w->step[t->number - 2].entry.v + (uint64_t)s->index * size,
		             "the attribute bits of the entry above are no part of the table's address");
}

static bool read_bytes(uint64_t pa, void *bytes, size_t n)
{
	struct target now = lesson_target();

	return now.read_phys(now.ctx, PADDR(pa), bytes, n) == OK;
}

static uint64_t entry_at(uint64_t pa)
{
	unsigned char bytes[8] = { 0 };
	uint64_t value = 0;
	unsigned size = lesson_mode(va)->format->entry_bytes;

	if (!read_bytes(pa, bytes, size))
		return 0;
	while (size-- > 0)
		value = value << 8 | bytes[size];
	return value;
}

static void expect_entry(struct task *t, const struct task_walk *w)
{
	const struct pt_step *s = step_of(t, w);
	unsigned size = lesson_mode(va)->format->entry_bytes;

	task_expect(t, "entry", ANSWER_NUMBER, s->entry.v);
	task_mistake(t, s->entry_pa.v, "that is the address of the entry; the task asks for its contents");
	task_mistake(t, s->entry.v & ~(uint64_t)PAGE_MASK, "that is the entry without its lowest 12 bits");
	if (size == 8)
		task_mistake(t, (uint32_t)s->entry.v, "that is the low half; an entry has 8 bytes");
	task_mistake(t, entry_at(s->entry_pa.v + size), "that is the next entry");
	task_mistake(t, entry_at(s->entry_pa.v - size), "that is the entry before");
	task_mistake(t, entry_at(table_of(t, w).v + s->index),
	             "that is from table + index; the index has to be multiplied by the size of an entry");
	for (unsigned i = 0; i < w->walk.n; i++)
		task_mistake(t, w->step[i].entry.v, "that is the entry of another level");
}

static void expect_next(struct task *t, const struct task_walk *w)
{
	const struct pt_step *s = step_of(t, w);
	paddr_t next = pt_output(lesson_mode(va), s->level, s->entry, va).pa;

	task_expect(t, "where it points", ANSWER_NUMBER, next.v);
	task_mistake(t, s->entry.v, "that is the entry; its attribute bits are no part of the address");
	task_mistake(t, pfn_of(next).v, "that is the frame number; the address has 12 more bits");
	task_mistake(t, s->entry.v & ~(uint64_t)PAGE_MASK, "the attribute bits above the address are still in it");
	task_mistake(t, lesson_direct(next), "that is a virtual address; the entry has a physical one");
	task_mistake(t, next.v | (va & PAGE_MASK), "the offset is added at the end of the walk, to the page");
	task_mistake(t, (uint32_t)next.v, "the address has bits above bit 31, too");
	task_mistake(t, ANSWER_FAULT, "the entry is present, so the walk goes on");
}

static void expect_byte(struct task *t, const struct task_walk *w)
{
	uint8_t byte = 0, other = 0;
	uint64_t pa = w->walk.pa.v;

	(void)read_bytes(pa, &byte, 1);
	task_expect(t, "physical address", ANSWER_NUMBER, pa);
	task_mistake(t, va, "that is the virtual address");
	task_mistake(t, w->walk.page.pa.v, "the offset, bits 11:0 of the address, is missing");
	task_mistake(t, pfn_of(w->walk.pa).v, "that is the frame number");
	task_mistake(t, w->walk.last.entry.v | (va & PAGE_MASK), "the attribute bits of the entry are no part of the address");
	task_mistake(t, w->walk.last.entry.v + (va & PAGE_MASK), "the attribute bits of the entry are no part of the address");
	task_mistake(t, w->walk.page.pa.v + w->walk.last.index, "that is page + index; the offset is bits 11:0 of the address");
	task_mistake(t, va & PAGE_MASK, "that is the offset in the page");
	task_mistake(t, w->walk.last.entry_pa.v, "that is the address of the last entry");
	task_expect(t, "byte", ANSWER_NUMBER, byte);
	(void)read_bytes(w->walk.page.pa.v, &other, 1);
	task_mistake(t, other, "that is the first byte of the page");
	(void)read_bytes(pa ^ 3, &other, 1);
	task_mistake(t, other,
	             "that is another byte of the same doubleword: the lowest byte of a dumped doubleword comes first");
}

static void expect(struct task *t)
{
	struct task_walk w;

	lesson_walk(va, &w);
	if (t->number == tasks()) {
		expect_byte(t, &w);
		return;
	}
	expect_index(t, &w);
	expect_address(t, &w);
	expect_entry(t, &w);
	expect_next(t, &w);
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const level[TASK_HINTS] = {
		"`formats` lists which bits of the address select the entry of each level; ? evaluates (ADDRESS >> SHIFT) & MASK",
		"the entry is at TABLE + INDEX * SIZE (bytes of an entry); the table is where the entry above points",
		"`!dq` or `!dd` with that address prints the entry; clear its lowest 12 bits and the attributes above the address",
	};
	static const char *const byte[TASK_HINTS] = {
		"the last entry points to the page; the lowest 12 bits of the address are the offset in it",
		"the physical address is the page's address + (ADDRESS & fff)",
		"`!db` with the physical address prints the byte",
	};

	return t->number == tasks() ? byte[i] : level[i];
}

static void solve(const struct task *t, struct out *out)
{
	struct target now = lesson_target();

	(void)t;
	(void)explain(out, &now, va);
}

LESSON(l2) = {
	.name = "L2", .title = "the walk by hand",
	.text = "The CPU translates an address with one entry for each level. Do it yourself: only memory dumps (!db !dd !dq),\n"
	        "? and `formats` are open. Every answer is a number of this machine's own tables.\n",
	.values = "INDEX ADDRESS ENTRY NEXT, or ADDRESS BYTE in the last task",
	.only = "!db !dw !dd !dq formats r cr n",
	.tasks = tasks, .set = set, .expect = expect, .hint = hint, .solve = solve,
};
