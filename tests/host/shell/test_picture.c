/* tests/host/shell/test_picture.c - pictures of cells: layout, and redrawing of what changed.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/addr.h"
#include "shell/picture/cells.h"

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

static uint32_t rnd_state = 1;

/* xorshift32 (Marsaglia 2003, triple 13 17 5). */
static uint32_t below(uint32_t n)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;
	return rnd_state % n;
}

/* ---- redrawing ---- */

/* A terminal that knows what a picture uses; `bytes` since the last update. */
static struct {
	struct out out;
	struct glyph cell[SCREEN_ROWS + 8][SCREEN_COLUMNS];
	unsigned row, column, saved_row, saved_column;
	uint8_t ink, saved_ink;
	char sequence[32];
	unsigned n;
	size_t bytes;
} tty;

static uint8_t ink_of(const char *sgr)
{
	unsigned front, back;

	if (!strcmp(sgr, "\033[0m"))
		return INK_PLAIN;
	assert_int_equal(sscanf(sgr, "\033[38;5;%u;48;5;%um", &front, &back), 2);
	for (uint8_t i = INK_PLAIN + 1; i < INKS; i++)
		if (ink_colours[i].background == back && ink_colours[i].foreground == front)
			return i;
	fail_msg("%s is no ink", sgr + 1);
	return 0;
}

static bool do_sequence(const char *s, char final)
{
	switch (final) {
	case '7':
		tty.saved_row = tty.row, tty.saved_column = tty.column, tty.saved_ink = tty.ink;
		return true;
	case '8':
		tty.row = tty.saved_row, tty.column = tty.saved_column, tty.ink = tty.saved_ink;
		return true;
	case 'm':
		tty.ink = ink_of(s);
		return true;
	case 'H':
		assert_int_equal(sscanf(s, "\033[%u;%uH", &tty.row, &tty.column), 2);
		tty.row--, tty.column--;
		return true;
	}
	return false;
}

static void tty_put(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	tty.bytes += n;
	for (size_t i = 0; i < n; i++) {
		if (tty.n == 0 && bytes[i] != '\033') {
			assert_true(tty.row < SCREEN_ROWS + 8 && tty.column < SCREEN_COLUMNS);
			tty.cell[tty.row][tty.column++] = (struct glyph){ bytes[i], tty.ink };
			continue;
		}
		assert_true(tty.n < sizeof(tty.sequence) - 1);
		tty.sequence[tty.n++] = bytes[i];
		tty.sequence[tty.n] = '\0';
		/* ESC 7 and 8 are two bytes; a digit of a longer sequence does not end it. */
		if ((tty.n == 2 && bytes[i] != '[') || (tty.n > 2 && bytes[i] >= '@')) {
			assert_true(do_sequence(tty.sequence, bytes[i]));
			tty.n = 0;
		}
	}
}

static struct screen screen;
static struct cells cells;

static void expect_shown(unsigned top)
{
	for (unsigned row = 0; row < screen.rows; row++)
		for (unsigned column = 0; column < screen.columns; column++) {
			struct glyph a = tty.cell[top - 1 + row][column], b = screen.want[row][column];

			assert_true(a.c == b.c && a.ink == b.ink);
		}
}

static void change(unsigned n)
{
	while (n-- > 0)
		screen_put(&screen, below(screen.rows), below(screen.columns), (char)(' ' + below(95)), (enum ink)below(INKS));
}

static unsigned differences(void)
{
	unsigned n = 0;

	for (unsigned row = 0; row < screen.rows; row++)
		for (unsigned column = 0; column < screen.columns; column++)
			n += memcmp(&screen.want[row][column], &screen.shown[row][column], sizeof(struct glyph)) != 0;
	return n;
}

static void begin_tty(void)
{
	memset(&tty, 0, sizeof(tty));
	tty.out.put = tty_put;
	for (unsigned row = 0; row < SCREEN_ROWS + 8; row++)
		for (unsigned column = 0; column < SCREEN_COLUMNS; column++)
			tty.cell[row][column].c = ' ';
}

static void test_only_changes_are_sent(void **state)
{
	(void)state;
	begin_tty();
	screen_begin(&screen, SCREEN_ROWS, SCREEN_COLUMNS);
	screen_is_blank(&screen);
	for (unsigned round = 0; round < 300; round++) {
		unsigned most = round % 3 ? 20 : 3000, n;

		tty.row = 3, tty.column = 5, tty.ink = INK_SKY, tty.bytes = 0;
		change(below(most));
		n = differences();
		screen_update(&screen, &tty.out, 5);
		assert_true(tty.bytes <= (n ? SCREEN_UPDATE_BYTES : 0) + (size_t)n * SCREEN_CHANGE_BYTES);
		assert_int_equal(tty.bytes == 0, n == 0);
		assert_true(tty.row == 3 && tty.column == 5 && tty.ink == INK_SKY);
		expect_shown(5);
		tty.bytes = 0;
		screen_update(&screen, &tty.out, 5);
		assert_int_equal(tty.bytes, 0);
	}
}

static void test_nothing_is_drawn_outside(void **state)
{
	(void)state;
	screen_begin(&screen, 1000, 1000);
	assert_true(screen.rows == SCREEN_ROWS && screen.columns == SCREEN_COLUMNS);
	screen_begin(&screen, 3, 7);
	screen_put(&screen, 3, 0, 'x', INK_SKY);
	screen_put(&screen, 0, 7, 'x', INK_SKY);
	assert_int_equal(screen_printf(&screen, 1, 4, INK_PLAIN, "%s", "abcdef"), 10);
	assert_int_equal(screen.want[1][6].c, 'c');
	assert_int_equal(screen.want[1][7].c, ' ');
	assert_int_equal(screen.want[3][0].c, ' ');
}

static void test_as_text(void **state)
{
	char text[200];
	struct out_buf b;

	(void)state;
	screen_begin(&screen, 5, 10);
	screen_printf(&screen, 0, 0, INK_PLAIN, "ab");
	screen_put(&screen, 2, 1, 'K', INK_BLUE);
	out_buf_init(&b, text, sizeof(text));
	screen_print(&screen, &b.out, false);
	assert_string_equal(text, "ab\n\n K\n");
	out_buf_init(&b, text, sizeof(text));
	screen_print(&screen, &b.out, true);
	assert_string_equal(text, "ab\n\n \033[38;5;231;48;5;25mK\033[0m\n");
}

/* ---- layout ---- */

#define RANGES 40

static struct { uint64_t first, last; bool section; } range[RANGES];
static unsigned ranges;

static void add_ranges(void *ctx, struct blocks *b)
{
	(void)ctx;
	for (unsigned i = 0; i < ranges; i++) {
		if (range[i].section)
			blocks_section(b, 1);
		(void)blocks_add(b, range[i].first, range[i].last);
	}
}

static void random_ranges(void)
{
	uint64_t at = below(1000);

	ranges = 1 + below(RANGES);
	for (unsigned i = 0; i < ranges; i++) {
		range[i].section = below(8) == 0;
		if (range[i].section)
			at = below(1000);
		range[i].first = at;
		range[i].last = at + below(below(4) ? 20 : 3000);
		at = range[i].last + 1 + (below(3) ? below(100) : (uint64_t)below(1000) << below(30));
	}
}

/* The rows of the layout, one page at a time. */
static uint64_t rows_by_pages(unsigned shift, unsigned columns, bool apart)
{
	uint64_t row = 0, column = 0, last = UINT64_MAX - 1;

	for (unsigned i = 0; i < ranges; i++) {
		if (range[i].section) {
			row += 1 + (column > 0);
			column = 0;
			last = UINT64_MAX - 1;
		}
		for (uint64_t page = range[i].first; page <= range[i].last; page++) {
			bool hole = last != UINT64_MAX - 1 && page >> shift > last + 1;

			if (page >> shift == last)
				continue;
			if (hole && apart && column > 0)
				row++, column = 0;
			else if (hole && column > 0 && ++column == columns)
				row++, column = 0;
			if (++column == columns)
				row++, column = 0;
			last = page >> shift;
		}
	}
	return row + (column > 0);
}

static void test_smallest_blocks_that_fit(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		unsigned rows = 2 + below(40), columns = 1 + below(70), smallest = 0;
		struct blocks b;

		random_ranges();
		if (!blocks_fit(&b, rows, columns, add_ranges, NULL)) {
			assert_true(rows_by_pages(52, columns, false) > rows);
			continue;
		}
		while (rows_by_pages(smallest, columns, false) > rows)
			smallest++;
		assert_true(rows_by_pages(b.shift, columns, b.apart) <= rows);
		assert_true(b.shift == smallest || (b.apart && b.shift == smallest + 1));
		assert_int_equal(b.next, 0);
	}
}

/* ---- cells ---- */

#define DIGITS 16

static const struct cell_kind letters[] = { { 'a', INK_BLUE, "a" }, { 'b', INK_SKY, "b" }, { 'c', INK_PLAIN, "c" } };

static unsigned kind_of_page(uint64_t page)
{
	return (unsigned)((page * 2654435761u) >> 9) % 3;
}

/* The letter of a block, by counting its pages. */
static char letter_of_block(uint64_t block, unsigned shift)
{
	unsigned n[3] = { 0 }, best = 0;

	for (unsigned i = 0; i < ranges; i++)
		for (uint64_t page = range[i].first; page <= range[i].last; page++)
			if (page >> shift == block)
				n[kind_of_page(page)]++;
	for (unsigned k = 1; k < 3; k++)
		if (n[k] > n[best])
			best = k;
	return letters[best].letter;
}

static void draw_ranges(unsigned rows, unsigned columns)
{
	screen_begin(&screen, rows, columns);
	cells.screen = &screen;
	cells.kinds = letters;
	cells.top = 2;
	cells.digits = DIGITS;
	cells_begin(&cells);
	assert_true(blocks_fit(&cells.blocks, cells_rows(&cells), cells_columns(&cells), add_ranges, NULL));
	for (unsigned i = 0; i < ranges; i++) {
		uint64_t first = range[i].first, at = cells_range(&cells, first, range[i].last);

		for (uint64_t page = first; page <= range[i].last; page++)
			cells_count(&cells, at, first, page, 1, kind_of_page(page));
	}
	cells_flush(&cells);
}

/* Each row against its label: cells follow each other, and a hole is empty. */
static void expect_cells(void)
{
	for (unsigned row = 2; row < screen.rows; row++) {
		char label[DIGITS + 1] = "", letter;
		uint64_t block;

		for (unsigned i = 0; i < DIGITS; i++)
			label[i] = screen.want[row][i].c;
		if (label[0] == ' ')
			continue;
		block = strtoull(label, NULL, 16) >> PAGE_SHIFT >> cells.blocks.shift;
		for (unsigned column = DIGITS + 1; column + 1 < screen.columns; column += 2, block++) {
			letter = screen.want[row][column].c;
			/* Behind a hole the label does not say which block it is. */
			if (letter == ' ')
				break;
			assert_int_equal(letter, letter_of_block(block, cells.blocks.shift));
		}
	}
}

static void test_each_cell_has_the_most_frequent_kind(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		uint64_t pages = 0;

		random_ranges();
		for (unsigned i = 0; i < ranges; i++) {
			range[i].section = false;
			range[i].first += i ? range[i - 1].last + 1 : 0;
			range[i].last = range[i].first + below(50);
			pages += range[i].last - range[i].first + 1;
		}
		draw_ranges(6 + below(20), 40 + below(120));
		expect_cells();
		assert_int_equal(cells.total[0] + cells.total[1] + cells.total[2], pages);
	}
}

static char mark_at(unsigned position)
{
	return screen.want[2][DIGITS + 1 + 2 * position + 1].c;
}

static void test_marks(void **state)
{
	(void)state;
	ranges = 1;
	range[0].section = false;
	range[0].first = 0;
	range[0].last = 3;
	draw_ranges(10, 60);
	cells_see(&cells, 1, false);
	cells_see(&cells, 2, true);
	cells_see(&cells, 2, false);
	cells_mark(&cells, 500, 100);
	assert_true(mark_at(0) == ' ' && mark_at(1) == '.' && mark_at(2) == '*' && mark_at(3) == ' ');
	draw_ranges(10, 60);
	cells_see(&cells, 2, false);
	cells_mark(&cells, 600, 100);
	assert_int_equal(mark_at(2), '+');
	draw_ranges(10, 60);
	cells_see(&cells, 2, false);
	cells_mark(&cells, 601, 100);
	assert_int_equal(mark_at(2), '.');
	/* Without ages, and after another layout. */
	draw_ranges(10, 60);
	cells_see(&cells, 2, true);
	cells_mark(&cells, 0, 100);
	assert_int_equal(mark_at(2), '*');
	range[0].last = 4;
	draw_ranges(10, 60);
	cells_see(&cells, 2, false);
	cells_mark(&cells, 602, 1000);
	assert_int_equal(mark_at(2), '.');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_changes_are_sent), cmocka_unit_test(test_nothing_is_drawn_outside),
		cmocka_unit_test(test_as_text), cmocka_unit_test(test_smallest_blocks_that_fit),
		cmocka_unit_test(test_each_cell_has_the_most_frequent_kind), cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
