/* shell/picture/cells.c - the cells of a picture of memory.
 * SPDX-License-Identifier: MIT
 */
#include "shell/picture/cells.h"
#include "lib/addr.h"
#include "lib/string.h"

/* USE_NONE: no entry maps a page of the cell, and it has no mark. USE_NOT: the accessed bits of all its entries are clear. */
enum cell_use { USE_NONE, USE_NOT, USE_NOW };

/* At least 1, because positions are divided by the number of columns. */
unsigned cells_columns(const struct cells *c)
{
	return c->screen->columns > cells_margin(c) + 2 ? (c->screen->columns - cells_margin(c)) / 2 : 1;
}

unsigned cells_rows(const struct cells *c)
{
	return c->screen->rows > c->top ? c->screen->rows - c->top : 0;
}

void cells_begin(struct cells *c)
{
	memset(c->total, 0, sizeof(c->total));
	memset(c->count, 0, sizeof(c->count));
	memset(c->seen, USE_NONE, sizeof(c->seen));
	c->pending = false;
	c->labelled = 0;
}

uint64_t cells_range(struct cells *c, uint64_t first, uint64_t last)
{
	return blocks_add(&c->blocks, first, last);
}

/* False: the cell is below the screen. The test of CELLS_MOST makes the casts safe: a position can have more than 32 bits. */
static bool place(const struct cells *c, uint64_t position, unsigned *row, unsigned *column)
{
	if (position >= CELLS_MOST || position / c->blocks.columns >= cells_rows(c))
		return false;
	*row = c->top + (unsigned)position / c->blocks.columns;
	*column = cells_margin(c) + 2 * ((unsigned)position % c->blocks.columns);
	return true;
}

/* The second character gets the ink of the letter, which cells_mark() keeps. */
void cells_flush(struct cells *c)
{
	unsigned best = 0, row, column;

	for (unsigned k = 1; k < CELLS_KINDS; k++)
		if (c->count[k] > c->count[best])
			best = k;
	if (c->pending && place(c, c->position, &row, &column)) {
		screen_put(c->screen, row, column, c->kinds[best].letter, (enum ink)c->kinds[best].ink);
		screen_put(c->screen, row, column + 1, ' ', (enum ink)c->kinds[best].ink);
	}
	memset(c->count, 0, sizeof(c->count));
	c->pending = false;
}

/* Begins a cell, with the address of `page` if it is the first of its row. */
static void begin_cell(struct cells *c, uint64_t position, uint64_t page)
{
	uint64_t row = position / c->blocks.columns;

	cells_flush(c);
	c->pending = true;
	c->position = position;
	if (row + 1 != c->labelled && row < cells_rows(c))
		screen_printf(c->screen, c->top + (unsigned)row, 0, INK_PLAIN, "%0*llx", (int)c->digits,
		              (unsigned long long)page << PAGE_SHIFT);
	c->labelled = row + 1;
}

void cells_count(struct cells *c, uint64_t position, uint64_t first, uint64_t page, uint64_t n, unsigned kind)
{
	c->total[kind] += n;
	while (n > 0) {
		uint64_t block = blocks_of(&c->blocks, page), end = (block + 1) << c->blocks.shift;
		uint64_t at = position + (block - blocks_of(&c->blocks, first)), part = end - page < n ? end - page : n;

		if (!c->pending || at != c->position)
			begin_cell(c, at, page);
		c->count[kind] += part;
		page += part;
		n -= part;
	}
}

void cells_see(struct cells *c, uint64_t position, bool used)
{
	if (position < CELLS_MOST && c->seen[position] != USE_NOW)
		c->seen[position] = used ? USE_NOW : USE_NOT;
}

/* ---- marks ---- */

/* used_at is a tick plus 1, so that 0 is never. + needs an age: with now 0 there is none. */
static char mark_of(struct cells *c, unsigned position, uint32_t now, uint32_t second)
{
	if (c->seen[position] == USE_NOW) {
		c->used_at[position] = now + 1;
		return '*';
	}
	if (now && c->used_at[position] && now + 1 - c->used_at[position] <= second)
		return '+';
	return '.';
}

/* Ages belong to positions, so another layout begins without any. The parts of a fingerprint overlap; where two layouts have the
 * same one, a mark is wrong for a second at most. */
static void forget_ages(struct cells *c)
{
	uint64_t fingerprint = ((uint64_t)c->blocks.shift << 56) ^ ((uint64_t)c->blocks.apart << 48) ^ (c->blocks.last << 16) ^
	                       c->blocks.next;

	if (fingerprint != c->fingerprint)
		memset(c->used_at, 0, sizeof(c->used_at));
	c->fingerprint = fingerprint;
}

/* After the last cells_flush(): the mark has the ink of the letter. */
void cells_mark(struct cells *c, uint32_t now, uint32_t second)
{
	unsigned row, column;

	forget_ages(c);
	for (unsigned position = 0; position < CELLS_MOST; position++)
		if (c->seen[position] != USE_NONE && place(c, position, &row, &column))
			screen_put(c->screen, row, column + 1, mark_of(c, position, now, second),
			           (enum ink)c->screen->want[row][column].ink);
}
