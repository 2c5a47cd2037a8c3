/* shell/picture/blocks.h - which cell of a picture shows a page: ranges of pages as rows of cells, one for each block.
 * SPDX-License-Identifier: MIT
 *
 * A block is 2^shift pages, aligned to that number. A cell is a block that contains at least one page of a range; ranges
 * closer together than a block share one. Cells have positions, counted row by row. Where the next block is not the
 * next cell's, the picture has a hole: an empty cell, or, with `apart`, the rest of the row.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct blocks {
	unsigned shift;         /* log2 of the pages of a block */
	unsigned columns;       /* cells of a row */
	bool apart;
	uint64_t next;          /* the first free position */
	uint64_t last;          /* the block of the last cell, if there is one in this section */
	bool any;
};

static inline uint64_t blocks_of(const struct blocks *b, uint64_t page) { return page >> b->shift; }
static inline uint64_t blocks_rows(const struct blocks *b) { return (b->next + b->columns - 1) / b->columns; }

/* Adds pages [first, last], above all pages of the section. Returns the position of the cell that shows `first`; blocks that
 * follow each other have positions that do. */
uint64_t blocks_add(struct blocks *b, uint64_t first, uint64_t last);
/* Begins a section: a new row, after `rows` rows for other things. Its pages need not be above those of the last. */
void blocks_section(struct blocks *b, unsigned rows);

/* Chooses the smallest blocks with which what `add` adds fits in the rows; with `apart` if that takes blocks at most twice as
 * large. False: it never fits; then the blocks have the largest size. `add` is called several times. */
bool blocks_fit(struct blocks *b, unsigned rows, unsigned columns, void (*add)(void *ctx, struct blocks *b), void *ctx);
