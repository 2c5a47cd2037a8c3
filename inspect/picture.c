/* inspect/picture.c - a walk as a picture of characters: a box for each table, an arrow from each entry to what it points to.
 * SPDX-License-Identifier: MIT
 *
 *     root 4000
 *     |
 *     +-> table 4000      +--------------------------+
 *         PDPTE 3         | 4018: 0000000000008021   |--+
 *                         +--------------------------+  |
 *     +--------------------------------------------------+
 *     |
 *     +-> page 8000       +--------------------------+
 *         offset 123      | 8123                     |
 *                         +--------------------------+
 */
#include "inspect/picture.h"

#define BOX_COLUMN 32
#define BOX_WIDTH  38       /* an address and an entry, each of 16 digits, fit */
#define ARROW_COLUMN (BOX_COLUMN + BOX_WIDTH + 2)

static void repeat(struct out *out, char c, unsigned n)
{
	while (n-- > 0)
		out_char(out, c);
}

static void put_edge(struct out *out, bool arrow)
{
	out_pad_to(out, BOX_COLUMN);
	out_char(out, '+');
	repeat(out, '-', BOX_WIDTH - 2);
	out_char(out, '+');
	if (arrow) {
		out_pad_to(out, ARROW_COLUMN);
		out_char(out, '|');
	}
	out_char(out, '\n');
}

/* The right edge of the box behind its contents, and how the arrow begins. */
static void end_row(struct out *out, const char *arrow)
{
	out_pad_to(out, BOX_COLUMN + BOX_WIDTH - 1);
	out_printf(out, "|%s\n", arrow);
}

/* From the right of a box to the left of the next one. */
static void put_arrow(struct out *out)
{
	out_char(out, '+');
	repeat(out, '-', ARROW_COLUMN - 1);
	out_puts(out, "+\n|\n");
}

static void put_step(struct out *out, const struct target *t, const struct pt_walk *w, unsigned i)
{
	const struct pt_step *step = &w->step[i];
	const struct pt_format *f = t->mode->format;
	bool last = i == w->n - 1, goes_on = !last || w->outcome == PT_LEAF;

	out_printf(out, "+-> table %llx", (unsigned long long)(step->entry_pa.v - (uint64_t)step->index * f->entry_bytes));
	put_edge(out, false);
	out_printf(out, "    %s %x", f->level[step->level].vendor, step->index);
	out_pad_to(out, BOX_COLUMN);
	out_printf(out, "| %llx: ", (unsigned long long)step->entry_pa.v);
	if (last && w->err == ERR_IO)
		out_printf(out, "%.*s", f->entry_bytes * 2, "????????????????");
	else
		out_printf(out, "%0*llx", f->entry_bytes * 2, (unsigned long long)step->entry.v);
	end_row(out, goes_on ? "--+" : "--X  the walk ends");
	put_edge(out, goes_on);
	if (goes_on)
		put_arrow(out);
}

static void put_page(struct out *out, const struct pt_walk *w)
{
	out_printf(out, "+-> page %llx", (unsigned long long)w->page.pa.v);
	put_edge(out, false);
	out_printf(out, "    offset %llx", (unsigned long long)(w->pa.v - w->page.pa.v));
	out_pad_to(out, BOX_COLUMN);
	out_printf(out, "| %llx", (unsigned long long)w->pa.v);
	end_row(out, "");
	put_edge(out, false);
}

void picture_walk(struct out *out, const struct target *t, const struct pt_walk *w)
{
	struct pt_space space = target_space(t);

	out_printf(out, "root %llx\n|\n", (unsigned long long)pt_tree_at(&space, w->va)->root.v);
	for (unsigned i = 0; i < w->n; i++)
		put_step(out, t, w, i);
	if (w->outcome == PT_LEAF)
		put_page(out, w);
}
