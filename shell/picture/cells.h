/* shell/picture/cells.h - the cells of a picture of memory: a letter for what a block is, a mark for its age.
 * SPDX-License-Identifier: MIT
 *
 * A cell is two characters. The letter is that of the kind that most pages of the block have, of two kinds with equally many
 * pages the one with the lower number. The mark is that of the page that was used last. A row begins with the address of
 * its first page.
 */
#pragma once
#include "shell/picture/blocks.h"
#include "shell/picture/screen.h"

#define CELLS_KINDS 32
#define CELLS_MOST  (SCREEN_ROWS * SCREEN_COLUMNS / 2)

struct cell_kind { char letter; uint8_t ink; const char *name; };

struct cells {
	struct screen *screen;
	const struct cell_kind *kinds;
	struct blocks blocks;       /* of the layout: blocks_fit() */
	unsigned top;               /* the row of the screen with position 0 */
	unsigned digits;            /* of an address */
	uint64_t total[CELLS_KINDS];

	/* For cells.c. */
	bool pending;               /* a block is being counted */
	uint64_t position;          /* of that block */
	uint64_t labelled;          /* row of cells that has its address, plus 1 */
	uint64_t count[CELLS_KINDS];
	uint8_t seen[CELLS_MOST];   /* enum cell_use, by position */
	/* Tick at which the last use was seen, plus 1; for a layout with this fingerprint. */
	uint32_t used_at[CELLS_MOST];
	uint64_t fingerprint;
};

/* How many characters a row of cells takes beside its cells: the address and a blank. */
static inline unsigned cells_margin(const struct cells *c) { return c->digits + 1; }
/* The cells that fit in a row of the screen, and the rows of cells below `top`. */
unsigned cells_columns(const struct cells *c);
unsigned cells_rows(const struct cells *c);

/* Begins to draw: no page was counted. */
void cells_begin(struct cells *c);
/* A range of pages follows. Returns the position of its first cell. */
uint64_t cells_range(struct cells *c, uint64_t first, uint64_t last);
/* Counts n pages from `page` on, in ascending order, in the range whose first cell is that of `first`, at `position`. */
void cells_count(struct cells *c, uint64_t position, uint64_t first, uint64_t page, uint64_t n, unsigned kind);
/* Entries map a page of the cell; used: one of them has its accessed bit set. */
void cells_see(struct cells *c, uint64_t position, bool used);
/* Draws what is pending. Before a section, and at the end. */
void cells_flush(struct cells *c);

/* Draws the marks. now: the tick; 0: accessed bits were not cleared, so there is no age. `second`: ticks in a second. */
void cells_mark(struct cells *c, uint32_t now, uint32_t second);
/* What the marks mean. "now": since the last redraw. */
#define CELLS_LEGEND_BITS  "accessed bit: * set  . clear"
#define CELLS_LEGEND_AGES  "used: * now  + within 1 s  . not"
