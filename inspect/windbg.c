/* inspect/windbg.c - !pte: the entries of one address, a column for each level.
 * SPDX-License-Identifier: MIT
 *
 *                     VA 001f0000
 * PDE at C0600000            PTE at C0000F80          address of each entry in the self-map
 * contains 000000006A1A6867  contains 0000000000000080
 * pfn 6a1a6     ---DA--UWEV  not valid
 *
 * One walk is recorded, and the columns are printed from the record. Entries are read from the tables that the self-map
 * maps, but by physical address, so a read never faults.
 */
#include "inspect/windbg.h"

#define COLUMN_WIDTH 27
#define MAX_LETTERS  32

enum content {
	CONTENT_NONE,       /* below the end of the walk: only the address is printed */
	CONTENT_ENTRY,      /* read by the walk */
	CONTENT_ZERO,       /* not read: below a large page the self-map maps data */
	CONTENT_UNREADABLE, /* the table itself cannot be read */
};

struct column {
	unsigned level;
	enum content content;
	const struct pt_step *step;  /* NULL: below the end of the walk */
};

struct table {
	const struct target *t;
	const struct pt_walk *walk;
	unsigned count;
	struct column column[PT_MAX_LEVELS];
};

static const struct pt_step *step_at(const struct pt_walk *walk, unsigned level)
{
	for (unsigned i = 0; i < walk->n; i++)
		if (walk->step[i].level == level)
			return &walk->step[i];
	return NULL;
}

static bool unreadable(const struct pt_walk *walk, const struct pt_step *step)
{
	return walk->err == ERR_IO && step->level == walk->last.level;
}

/* With two columns, the PTE column is printed even below an invalid PDE; with more, the output ends there. */
static bool zeros_follow(const struct table *table)
{
	if (table->walk->outcome == PT_LEAF)
		return true;
	return table->count == 2 && step_at(table->walk, table->column[0].level);
}

static void fill_columns(struct table *table)
{
	const struct pt_mode *mode = target_mode_at(table->t, table->walk->va);
	/* The four top-level entries of PAE have no rights and no address in the self-map: they get no column. */
	bool hidden_top = mode->format->caps & PT_TOP_HAS_NO_RIGHTS;

	table->count = mode->levels - hidden_top;
	for (unsigned i = 0; i < table->count; i++)
		table->column[i].level = table->count - 1 - i;
	for (unsigned i = 0; i < table->count; i++) {
		struct column *c = &table->column[i];

		c->step = step_at(table->walk, c->level);
		if (c->step)
			c->content = unreadable(table->walk, c->step) ? CONTENT_UNREADABLE : CONTENT_ENTRY;
		else if (i == 0)
			c->content = CONTENT_UNREADABLE;  /* a hidden top entry that points to no table */
		else
			c->content = zeros_follow(table) ? CONTENT_ZERO : CONTENT_NONE;
	}
}

/* Prints the address for dq: in the self-map, else in the direct map. Without one: the physical address for !dq (#). */
static void put_place(struct out *out, const struct table *table, const struct column *c, unsigned digits)
{
	const struct target *t = table->t;
	uint64_t pa;

	if (t->selfmap_base) {
		uint64_t at = pt_selfmap_entry(t->mode, t->selfmap_base, table->walk->va, c->level);

		out_printf(out, "%0*llX", (int)digits, (unsigned long long)at);
		return;
	}
	if (!c->step) {
		out_printf(out, "%.*s", (int)digits, "----------------");
		return;
	}
	pa = c->step->entry_pa.v;
	if (pa < t->direct_size)
		out_printf(out, "%0*llX", (int)digits, (unsigned long long)(t->direct_base + pa));
	else
		out_printf(out, "#%llX", (unsigned long long)pa);
}

static void put_places(struct out *out, const struct table *table, unsigned digits)
{
	for (unsigned i = 0; i < table->count; i++) {
		const struct column *c = &table->column[i];

		out_pad_to(out, i * COLUMN_WIDTH);
		out_printf(out, "%s at ", table->t->mode->format->level[c->level].windbg);
		put_place(out, table, c, digits);
	}
	out_char(out, '\n');
}

static void put_contents(struct out *out, const struct table *table)
{
	int digits = table->t->mode->format->entry_bytes * 2;

	for (unsigned i = 0; i < table->count && table->column[i].content != CONTENT_NONE; i++) {
		const struct column *c = &table->column[i];
		uint64_t entry = c->content == CONTENT_ENTRY ? c->step->entry.v : 0;

		out_pad_to(out, i * COLUMN_WIDTH);
		if (c->content == CONTENT_UNREADABLE)
			out_printf(out, "contains %.*s", digits, "????????????????");
		else
			out_printf(out, "contains %0*llX", digits, (unsigned long long)entry);
	}
	out_char(out, '\n');
}

static void put_entry(struct out *out, const struct table *table, const struct pt_step *step)
{
	const struct pt_mode *mode = table->t->mode;
	struct pt_output target = pt_output(mode, step->level, step->entry, table->walk->va);
	char letters[MAX_LETTERS];

	pt_letters(mode, step->level, step->entry, letters, sizeof(letters));
	out_printf(out, "pfn %-9llx %11s", (unsigned long long)pfn_of(target.pa).v, letters);
}

/* Prints the frame of this address in the large page, in the last column or after it. */
static void put_large(struct out *out, const struct table *table, unsigned leaf_column)
{
	const struct pt_walk *walk = table->walk;
	unsigned last = table->count - 1;

	if (walk->outcome != PT_LEAF || walk->page.size <= pt_level_size(table->t->mode->format, 0))
		return;
	out_pad_to(out, (leaf_column < last ? last : last + 1) * COLUMN_WIDTH);
	out_printf(out, "LARGE PAGE pfn %llx", (unsigned long long)pfn_of(walk->pa).v);
}

/* Returns the column in which the walk ended. */
static unsigned put_decodes(struct out *out, const struct table *table)
{
	unsigned i;

	for (i = 0; i < table->count; i++) {
		const struct column *c = &table->column[i];
		bool present = c->content == CONTENT_ENTRY &&
		               (c->step->kind == PT_TABLE || c->step->kind == PT_LEAF);

		out_pad_to(out, i * COLUMN_WIDTH);
		if (present)
			put_entry(out, table, c->step);
		else
			out_puts(out, c->content == CONTENT_ENTRY && c->step->kind == PT_BAD
			              ? "bad entry" : "not valid");
		if (!present || c->step->kind == PT_LEAF)
			break;
	}
	put_large(out, table, i);
	out_char(out, '\n');
	return i;
}

/* Centred over the columns, one to the left: 20 for two columns, 43 for four (docs/formats.md, section 4). */
static void put_va(struct out *out, const struct table *table)
{
	unsigned digits = target_va_digits(table->t);

	out_pad_to(out, (table->count * COLUMN_WIDTH - (3 + digits)) / 2 - 1);
	out_printf(out, "VA %0*llx\n", (int)digits, (unsigned long long)table->walk->va);
}

static void put_table(struct out *out, const struct table *table, unsigned style)
{
	unsigned end, indent;

	put_va(out, table);
	put_places(out, table, style & WINDBG_WIDE_AT ? 16 : target_va_digits(table->t));
	put_contents(out, table);
	end = put_decodes(out, table);
	if (end >= table->count || table->column[end].content != CONTENT_ENTRY ||
	    table->column[end].step->kind != PT_SOFT)
		return;
	/* In published 32-bit output these lines are one character to the right of the column. */
	indent = end * COLUMN_WIDTH + (table->count == 2);
	windbg_soft(out, table->t, table->column[end].step->entry, indent);
}

void windbg_pte_styled(struct out *out, const struct target *t, uint64_t va, unsigned style)
{
	struct pt_space space = target_tables_at(t, va);
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk walk;
	struct target half = target_half_at(t, va);
	struct table table = { .t = &half, .walk = &walk };

	pt_walk(&space, va, &walk, steps, ARRAY_LEN(steps));
	if (walk.err == ERR_RANGE) {
		out_printf(out, "VA %llx is %s\n", (unsigned long long)va, target_no_address(t));
		return;
	}
	fill_columns(&table);
	put_table(out, &table, style);
}

void windbg_pte(struct out *out, const struct target *t, uint64_t va)
{
	windbg_pte_styled(out, t, va, t->style);
}
