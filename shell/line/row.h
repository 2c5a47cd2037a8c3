/* shell/line/row.h - one row of a terminal of which nothing is known but \b and 80 columns.
 * SPDX-License-Identifier: MIT
 *
 * Remembers what stands there and writes only the difference: a character typed at the end costs one byte, and
 * that byte is the character.
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

/* The cursor stands at the start of an empty row. */
void row_fresh(struct row *row);
/* Makes the row look like want and puts the cursor at column. */
void row_show(struct row *row, const char want[ROW_COLUMNS], unsigned column);
