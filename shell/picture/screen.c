/* shell/picture/screen.c - a picture of characters: printed as text, or redrawn in place on a terminal.
 * SPDX-License-Identifier: MIT
 *
 * Escape sequences are those of ECMA-48, and DEC's ESC 7 and ESC 8, which save and restore the cursor with its colours.
 */
#include "shell/picture/screen.h"
#include "lib/string.h"

static unsigned at_most(unsigned n, unsigned most)
{
	return n < most ? n : most;
}

static void blank(struct glyph g[SCREEN_ROWS][SCREEN_COLUMNS])
{
	for (unsigned row = 0; row < SCREEN_ROWS; row++)
		for (unsigned column = 0; column < SCREEN_COLUMNS; column++)
			g[row][column] = (struct glyph){ ' ', INK_PLAIN };
}

void screen_begin(struct screen *s, unsigned rows, unsigned columns)
{
	s->rows = at_most(rows, SCREEN_ROWS);
	s->columns = at_most(columns, SCREEN_COLUMNS);
	blank(s->want);
}

void screen_is_blank(struct screen *s)
{
	blank(s->shown);
}

void screen_put(struct screen *s, unsigned row, unsigned column, char c, enum ink ink)
{
	if (row < s->rows && column < s->columns)
		s->want[row][column] = (struct glyph){ c, (uint8_t)ink };
}

/* Text longer than a row is cut. */
unsigned screen_printf(struct screen *s, unsigned row, unsigned column, enum ink ink, const char *fmt, ...)
{
	char text[SCREEN_COLUMNS + 1];
	va_list ap;
	struct out_buf b;

	out_buf_init(&b, text, sizeof(text));
	va_start(ap, fmt);
	out_vprintf(&b.out, fmt, ap);
	va_end(ap);
	for (const char *c = text; *c; c++)
		screen_put(s, row, column++, *c, ink);
	return column;
}

/* ---- sending ---- */

static void send_text(struct out *out, const char *text)
{
	out->put(out, text, strlen(text));
}

/* SGR (ECMA-48, 8.3.117): 0 resets all attributes; 38;5;N and 48;5;N select N of xterm's 256. At most 20 bytes. */
static void send_ink(struct out *out, unsigned ink)
{
	char text[24];

	if (ink == INK_PLAIN) {
		send_text(out, "\033[0m");
		return;
	}
	str_printf(text, sizeof(text), "\033[38;5;%u;48;5;%um", ink_colours[ink].foreground, ink_colours[ink].background);
	send_text(out, text);
}

static bool is_same(struct glyph a, struct glyph b)
{
	return a.c == b.c && a.ink == b.ink;
}

/* The ink is reset before the line feed: a terminal that scrolls may fill the new row with it. Blanks at the end are not sent,
 * unless they have an ink. */
static void print_row(const struct glyph *g, unsigned n, struct out *out, bool in_colour)
{
	unsigned ink = INK_PLAIN;

	while (n > 0 && is_same(g[n - 1], (struct glyph){ ' ', INK_PLAIN }))
		n--;
	for (unsigned i = 0; i < n; i++) {
		if (in_colour && g[i].ink != ink)
			send_ink(out, g[i].ink);
		ink = g[i].ink;
		out_char(out, g[i].c);
	}
	if (in_colour && ink != INK_PLAIN)
		send_ink(out, INK_PLAIN);
	out_char(out, '\n');
}

static bool is_empty(const struct screen *s, unsigned row)
{
	for (unsigned i = 0; i < s->columns; i++)
		if (!is_same(s->want[row][i], (struct glyph){ ' ', INK_PLAIN }))
			return false;
	return true;
}

void screen_print(const struct screen *s, struct out *out, bool in_colour)
{
	unsigned rows = s->rows;

	while (rows > 0 && is_empty(s, rows - 1))
		rows--;
	for (unsigned row = 0; row < rows; row++)
		print_row(s->want[row], s->columns, out, in_colour);
}

/* The terminal's state while a picture is sent. column 0: the cursor is not saved yet, and elsewhere; else it stands before
 * this column, counted from 1. */
struct pen { unsigned row, column, ink; };

/* CUP (ECMA-48, 8.3.21), rows and columns counted from 1; not sent when the cursor is there already. After the last column the
 * cursor may or may not wrap; the next glyph is in another row then, so its position is sent. */
static void send_glyph(struct out *out, struct pen *pen, unsigned row, unsigned column, struct glyph g)
{
	char text[16];

	if (pen->column == 0)
		send_text(out, "\0337");
	if (pen->row != row || pen->column != column) {
		str_printf(text, sizeof(text), "\033[%u;%uH", row, column);
		send_text(out, text);
	}
	if (pen->ink != g.ink)
		send_ink(out, g.ink);
	out->put(out, &g.c, 1);
	*pen = (struct pen){ row, column + 1, g.ink };
}

/* INKS is no ink, so the first glyph always selects its own: other output may have left any. */
void screen_update(struct screen *s, struct out *out, unsigned top)
{
	struct pen pen = { .ink = INKS };

	for (unsigned row = 0; row < s->rows; row++)
		for (unsigned column = 0; column < s->columns; column++) {
			struct glyph *g = &s->want[row][column];

			if (is_same(*g, s->shown[row][column]))
				continue;
			send_glyph(out, &pen, top + row, column + 1, *g);
			s->shown[row][column] = *g;
		}
	if (pen.column)
		send_text(out, "\0338");
}
