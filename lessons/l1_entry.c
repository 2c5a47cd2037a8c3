/* lessons/l1_entry.c - L1: six entries of this machine, their frames and rights.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/target.h"
#include "lessons/lesson.h"
#include "lessons/machine.h"
#include "paging/field.h"

/* The entry of the task is printed, so the task is about that value, whatever becomes of it. */
static struct { uint64_t va; unsigned level; pte_t entry; } chosen;

/* Tasks 2 and 5 have an entry that points to a table. */
static bool wants_table(unsigned number)
{
	return number == 2 || number == 5;
}

static bool set(struct task *t, struct out *out)
{
	const struct pt_mode *mode;
	struct task_walk w;
	const struct pt_step *s;

	if (!lesson_pick(t, wants_table(t->number) || t->number % 2, &chosen.va)) {
		out_puts(out, "no page of the kernel was found\n");
		return false;
	}
	lesson_walk(chosen.va, &w);
	s = &w.step[w.walk.n - 1 - wants_table(t->number)];
	mode = lesson_mode(chosen.va);
	chosen.level = s->level;
	chosen.entry = s->entry;
	out_printf(out, "The %s of %llx is %0*llx. ", mode->format->level[s->level].vendor, (unsigned long long)chosen.va,
	           (int)lesson_entry_digits(), (unsigned long long)chosen.entry.v);
	out_puts(out, wants_table(t->number) ? "It points to a table.  answer FRAME\n" : "It maps a page.  answer FRAME RIGHTS\n");
	lesson_put_fields(out, mode, s->level, pt_form(mode, s->level, s->entry));
	return true;
}

static void expect_frame(struct task *t, const struct pt_mode *mode)
{
	uint64_t entry = chosen.entry.v;
	struct pt_output to = pt_output(mode, chosen.level, chosen.entry, chosen.va);

	task_expect(t, "frame", ANSWER_NUMBER, pfn_of(to.pa).v);
	task_mistake(t, entry, "that is the entry; the task asks for the frame number in it");
	task_mistake(t, to.pa.v,
	             "that is the address of the frame; its number is the address without the lowest 12 bits (3 digits)");
	task_mistake(t, entry >> PAGE_SHIFT, "the attribute bits above the address are no part of the frame number");
	task_mistake(t, entry & ~(uint64_t)PAGE_MASK,
	             "that is the entry without its lowest 12 bits; shift it, and remove the bits above the address");
	task_mistake(t, chosen.va >> PAGE_SHIFT, "that is the page number of the virtual address");
	task_mistake(t, entry & PAGE_MASK, "those are the attributes in the lowest 12 bits");
	task_mistake(t, to.pa.v / to.size, "that counts in pages of this entry's size; a frame number counts 4 KiB");
	task_mistake(t, (uint32_t)entry >> PAGE_SHIFT, "the address has bits above bit 31, too");
	task_mistake(t, pfn_of(to.pa).v + ((chosen.va & (to.size - 1)) >> PAGE_SHIFT),
	             "that is the frame of the address; the task asks for the first frame that the entry maps");
}

static void expect(struct task *t)
{
	const struct pt_mode *mode = lesson_mode(chosen.va);

	expect_frame(t, mode);
	if (!wants_table(t->number))
		task_expect(t, "rights", ANSWER_RIGHTS,
		            pt_final_prot(mode->format->prot(mode, chosen.level, chosen.entry)) & PROT_RIGHTS);
}

/* ---- which bits decide about a right ---- */

/* True if the entry with these bits changed is of the same form and has another answer about the right. */
static bool changes(const struct pt_mode *mode, uint64_t bits, prot_t which)
{
	const struct pt_format *f = mode->format;
	pte_t other = PTE(chosen.entry.v ^ bits);
	prot_t before = pt_final_prot(f->prot(mode, chosen.level, chosen.entry));
	prot_t after = pt_final_prot(f->prot(mode, chosen.level, other));

	return pt_form(mode, chosen.level, other) == pt_form(mode, chosen.level, chosen.entry) && ((before ^ after) & which);
}

/* Bits of an entry in the order of its fields: 64 for no bit. */
static unsigned bit_number(const struct pt_mode *mode, unsigned i)
{
	const struct pt_format *f = mode->format;
	unsigned form = pt_form(mode, chosen.level, chosen.entry);

	for (unsigned n = 0; n < f->field_count; n++) {
		const struct pt_field *field = &f->fields[n];

		if (!field_applies(field, chosen.level, form))
			continue;
		if (i < field->width)
			return field->lsb + i;
		i -= field->width;
	}
	return 64;
}

static void put_bit(struct out *out, const struct pt_mode *mode, unsigned bit)
{
	const struct pt_format *f = mode->format;
	unsigned form = pt_form(mode, chosen.level, chosen.entry), i = 0;

	while (!field_applies(&f->fields[i], chosen.level, form) || !(field_mask(&f->fields[i]) >> bit & 1))
		i++;
	out_printf(out, "bit %u (%s) is %u", bit, f->fields[i].name, (unsigned)(chosen.entry.v >> bit & 1));
}

/* Names the bit of which the other value changes the right; or two such bits, as UXN and PXN: each of them may be enough. */
static bool put_deciding(struct out *out, const struct pt_mode *mode, prot_t which)
{
	unsigned a, b;

	for (unsigned i = 0; (a = bit_number(mode, i)) < 64; i++) {
		if (!changes(mode, 1ull << a, which))
			continue;
		out_puts(out, "; ");
		put_bit(out, mode, a);
		return true;
	}
	for (unsigned i = 0; (a = bit_number(mode, i)) < 64; i++) {
		for (unsigned n = i + 1; (b = bit_number(mode, n)) < 64; n++) {
			if (!changes(mode, 1ull << a | 1ull << b, which))
				continue;
			out_puts(out, "; ");
			put_bit(out, mode, a);
			out_puts(out, " and ");
			put_bit(out, mode, b);
			return true;
		}
	}
	return false;
}

/* Names the bits behind the first right that differs. */
static bool explain(const struct task *t, unsigned i, uint64_t given, struct out *out)
{
	static const struct { prot_t right; const char *word; } rights[] = {
		{ PROT_R, "reading" }, { PROT_W, "writing" }, { PROT_X, "executing" }, { PROT_U, "access from user mode" },
	};
	uint64_t right = t->answer[i].right;

	if (t->answer[i].kind != ANSWER_RIGHTS)
		return false;
	for (size_t n = 0; n < ARRAY_LEN(rights); n++) {
		if (!((right ^ given) & rights[n].right))
			continue;
		out_printf(out, ": the entry %s %s", right & rights[n].right ? "allows" : "forbids", rights[n].word);
		if (!put_deciding(out, lesson_mode(chosen.va), rights[n].right))
			out_puts(out, "; no bit of this entry decides that");
		out_char(out, '\n');
		return true;
	}
	return false;
}

static const char *hint(const struct task *t, unsigned i)
{
	static const char *const hints[TASK_HINTS] = {
		"the lowest 12 bits (3 digits) of an entry are attributes, and the address has zeros there",
		"a frame number is the address without its lowest 12 bits; remove the attribute bits above it, too",
		"r: it is present; w and u: their bits; x: no bit forbids it. A large page's address has more zeros",
	};

	(void)t;
	return hints[i];
}

static void solve(const struct task *t, struct out *out)
{
	const struct pt_mode *mode = lesson_mode(chosen.va);
	struct pt_output to = pt_output(mode, chosen.level, chosen.entry, chosen.va);
	unsigned form = pt_form(mode, chosen.level, chosen.entry);

	(void)t;
	for (unsigned i = 0; i < mode->format->field_count; i++) {
		const struct pt_field *field = &mode->format->fields[i];
		uint64_t value = field_value(field, chosen.entry);
		const char *words = value ? field->when_set : field->when_clear;

		if (field_applies(field, chosen.level, form) && (words || field->width > 1))
			out_printf(out, "  bit %2u %s = %llx%s%s\n", field->lsb, field->name, (unsigned long long)value,
			           words ? ": " : "", words ? words : "");
	}
	out_printf(out, "address %llx, frame %llx\n", (unsigned long long)to.pa.v, (unsigned long long)pfn_of(to.pa).v);
}

static unsigned tasks(void) { return 6; }

LESSON(l1) = {
	.name = "L1", .title = "an entry of this machine",
	.text = "An entry has the number of a frame (4 KiB of physical memory) and bits that say what may be done with it.\n"
	        "Rights: r read, w write, x execute, u from user mode; what this entry alone says. A kernel page has no u.\n",
	.values = "FRAME, and RIGHTS if the entry maps a page",
	.closed = "pte dt explain walk vtop entries ptdump predict probe access pte2va pfn whomaps diff log map",
	.tasks = tasks, .set = set, .expect = expect, .explain = explain, .hint = hint, .solve = solve,
};
