/* shell/line/row.c - one row of a terminal of which nothing is known but \b and 80 columns.
 * SPDX-License-Identifier: MIT
 */
#include "shell/line/row.h"
#include "lib/string.h"

/* The terminal's cursor is at column 0 of an empty row; nothing is written. */
void row_fresh(struct row *row)
{
	memset(row->shown, ' ', sizeof(row->shown));
	row->column = 0;
}

/* Moves right by printing the same characters again, which every terminal supports. */
static void move_to(struct row *row, unsigned column)
{
	for (; row->column > column; row->column--)
		row->out->put(row->out, "\b", 1);
	row->out->put(row->out, row->shown + row->column, column - row->column);
	row->column = column;
}

/* Only the part between the first and the last difference is written. A line that got shorter ends
 * in blanks, which are written over its old end. */
void row_show(struct row *row, const char want[ROW_COLUMNS], unsigned column)
{
	unsigned first = 0, end = ROW_COLUMNS;

	while (first < ROW_COLUMNS && row->shown[first] == want[first])
		first++;
	while (end > first && row->shown[end - 1] == want[end - 1])
		end--;
	if (first < end) {
		move_to(row, first);
		memcpy(row->shown + first, want + first, end - first);
		move_to(row, end);
	}
	move_to(row, column);
}
