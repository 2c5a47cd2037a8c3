/* shell/picture/blocks.c - which cell of a picture shows a page.
 * SPDX-License-Identifier: MIT
 */
#include "shell/picture/blocks.h"

/* The number of a page has 52 bits at most (64 less PAGE_SHIFT): with this shift all pages are in one block. */
#define SHIFT_MOST 52

/* The rest of the row stays empty. At the start of a row nothing changes. */
static void end_row(struct blocks *b)
{
	b->next = blocks_rows(b) * b->columns;
}

/* A row that begins after a hole needs no empty cell: the address in front of the row shows the hole. */
uint64_t blocks_add(struct blocks *b, uint64_t first, uint64_t last)
{
	uint64_t from = blocks_of(b, first), to = blocks_of(b, last), position;
	bool is_shared = b->any && from == b->last;

	if (b->any && from > b->last + 1 && b->apart)
		end_row(b);
	else if (b->any && from > b->last + 1 && b->next % b->columns)
		b->next++;
	position = b->next - is_shared;
	b->next += to - from + !is_shared;
	b->last = to;
	b->any = true;
	return position;
}

void blocks_section(struct blocks *b, unsigned rows)
{
	end_row(b);
	b->next += (uint64_t)rows * b->columns;
	b->any = false;
}

/* Sets *b to `as`, the layout before the first range, with which drawing begins. Only the copy is filled here. */
static bool fits(struct blocks *b, struct blocks as, uint64_t rows, void (*add)(void *ctx, struct blocks *b), void *ctx)
{
	*b = as;
	add(ctx, &as);
	return blocks_rows(&as) <= rows;
}

bool blocks_fit(struct blocks *b, unsigned rows, unsigned columns, void (*add)(void *ctx, struct blocks *b), void *ctx)
{
	for (unsigned shift = 0; shift <= SHIFT_MOST; shift++) {
		struct blocks together = { .shift = shift, .columns = columns }, apart = together;

		if (!fits(b, together, rows, add, ctx))
			continue;
		apart.apart = true;
		if (fits(b, apart, rows, add, ctx))
			return true;
		apart.shift++;
		if (shift < SHIFT_MOST && fits(b, apart, rows, add, ctx))
			return true;
		*b = together;
		return true;
	}
	return false;
}
