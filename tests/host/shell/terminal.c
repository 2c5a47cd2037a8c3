/* tests/host/shell/terminal.c - an 80-column terminal: bytes to a screen.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/shell/terminal.h"
#include <string.h>

static void line_feed(struct terminal *t)
{
	/* Out of rows: a test that cares resets before. */
	if (++t->row == TERM_ROWS) {
		memmove(t->cell[0], t->cell[1], sizeof(t->cell) - TERM_COLUMNS);
		memset(t->cell[TERM_ROWS - 1], ' ', TERM_COLUMNS);
		t->row--;
		t->line_row -= t->line_row > 0;
	}
}

static void show(struct terminal *t, char c)
{
	if (t->column == TERM_COLUMNS) {
		line_feed(t);
		t->column = 0;
	}
	t->cell[t->row][t->column++] = c;
}

static void escape(struct terminal *t, char c)
{
	static const char *const known[] = { "[H", "[2J" };
	static char got[8];

	got[t->escape++ - 1] = c;
	got[t->escape - 1] = 0;
	for (unsigned i = 0; i < 2; i++) {
		if (strcmp(got, known[i]))
			continue;
		if (i == 0) {
			t->row = t->column = t->line_row = 0;
		} else {
			memset(t->cell, ' ', sizeof(t->cell));
			t->clears++;
		}
		t->escape = 0;
		return;
	}
	if (t->escape > 4) {
		t->garbage = true;
		t->escape = 0;
	}
}

static void control(struct terminal *t, char c)
{
	switch (c) {
	case '\b':
		/* At the left edge, and from a full row, terminals differ: the editor must not rely on it. */
		if (t->column == 0 || t->column == TERM_COLUMNS)
			t->garbage = true;
		else
			t->column--;
		break;
	case '\n':
		line_feed(t);
		t->column = 0;
		t->line_row = t->row;
		break;
	case '\r':
		t->column = 0;
		break;
	case '\a':
		t->bells++;
		break;
	case 0x1B:
		t->escape = 1;
		break;
	default:
		t->garbage = true;
	}
}

static void put(struct out *out, const char *bytes, size_t n)
{
	struct terminal *t = (struct terminal *)out;

	for (size_t i = 0; i < n; i++) {
		if (t->n < sizeof(t->bytes))
			t->bytes[t->n++] = bytes[i];
		if (t->escape)
			escape(t, bytes[i]);
		else if (bytes[i] >= ' ' && bytes[i] < 0x7F)
			show(t, bytes[i]);
		else
			control(t, bytes[i]);
	}
}

void terminal_reset(struct terminal *t)
{
	memset(t->cell, ' ', sizeof(t->cell));
	t->row = t->column = t->line_row = t->bells = t->clears = t->escape = 0;
	t->garbage = false;
	t->n = 0;
}

void terminal_init(struct terminal *t)
{
	terminal_reset(t);
	t->out = (struct out){ .put = put };
}
