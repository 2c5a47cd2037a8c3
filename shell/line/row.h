/* shell/line/row.h - one row of a terminal; it needs only \b and 80 columns.
 * SPDX-License-Identifier: MIT
 *
 * Stores the contents of the row and writes only the difference: a character typed at the end is one byte of output.
 */
#pragma once
#include "lib/out.h"

/* The 80th column is never written: terminals disagree about what happens then. */
#define ROW_COLUMNS 79

struct row {
	struct out *out;
	unsigned column;            /* of the cursor, 0 to ROW_COLUMNS */
	char shown[ROW_COLUMNS];    /* blanks where nothing was written */
};

/* The cursor is at the start of an empty row. */
void row_fresh(struct row *row);
/* Changes the row to `want` and moves the cursor to `column`. */
void row_show(struct row *row, const char want[ROW_COLUMNS], unsigned column);
