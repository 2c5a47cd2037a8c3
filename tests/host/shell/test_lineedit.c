/* tests/host/shell/test_lineedit.c - the line editor between a model of its meaning and one of a terminal.
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
#include "shell/line/lineedit.h"
#include "tests/host/shell/model.h"
#include "tests/host/shell/terminal.h"

#define PROMPT "kd> "
#define PLEN   4u

static struct terminal term;
static struct history past;
static struct lineedit ed;
static struct model model;
static unsigned long lines_entered;

static uint32_t rnd_state;

/* xorshift32 (Marsaglia 2003, triple 13 17 5). */
static uint32_t below(uint32_t n)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;
	return rnd_state % n;
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

static const char *name_at(void *ctx, const char *line, size_t word, size_t cursor, unsigned i)
{
	assert_ptr_equal(ctx, &model);
	for (const char *const *name = model_names; *name; name++)
		if (strncmp(*name, line + word, cursor - word) == 0 && i-- == 0)
			return *name;
	return NULL;
}

static void begin(uint32_t seed)
{
	rnd_state = seed;
	terminal_init(&term);
	memset(&past, 0, sizeof(past));
	memset(&model, 0, sizeof(model));
	lineedit_init(&ed, &term.out, &past, name_at, &model);
	lineedit_start(&ed, PROMPT);
}

static enum edit_result feed(const char *bytes, size_t n)
{
	enum edit_result r = EDIT_MORE;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(r, EDIT_MORE);
		r = lineedit_feed(&ed, (unsigned char)bytes[i]);
	}
	return r;
}

static enum edit_result type(const char *s)
{
	return feed(s, strlen(s));
}

/* ---- what the screen must show for a text and a cursor ---- */

/* Everything since the prompt, wrapped by the terminal: only while the cursor is at the end. */
static bool shows_it_flowing(const char *text, size_t at)
{
	const char *cell = term.cell[term.line_row];
	size_t used = PLEN + strlen(text);
	size_t cursor = (size_t)(term.row - term.line_row) * TERM_COLUMNS + term.column;

	return at == strlen(text) && cursor == used && memcmp(cell, PROMPT, PLEN) == 0 &&
	       memcmp(cell + PLEN, text, strlen(text)) == 0;
}

/* One row, of which the cursor's column says how far it is scrolled. */
static bool shows_it_in_a_window(const char *text, size_t at)
{
	char want[TERM_COLUMNS];
	size_t len = strlen(text), room = TERM_COLUMNS - 1 - PLEN, scroll, n;

	if (term.row != term.line_row || term.column < PLEN || at + PLEN < term.column)
		return false;
	scroll = at - (term.column - PLEN);
	n = len - scroll < room ? len - scroll : room;
	memset(want, ' ', sizeof(want));
	memcpy(want, PROMPT, PLEN);
	memcpy(want + PLEN, text + scroll, n);
	if (scroll > 0)
		want[PLEN] = '<';
	if (scroll + n < len)
		want[PLEN + room - 1] = '>';
	/* What fits is not scrolled, and the cursor never stands on a mark. */
	if ((len <= room && scroll > 0) || (scroll > 0 && at == scroll) ||
	    (scroll + n < len && term.column == PLEN + room - 1))
		return false;
	return memcmp(want, term.cell[term.row], sizeof(want)) == 0;
}

static void expect_screen(const char *text, size_t at)
{
	if (shows_it_in_a_window(text, at) || shows_it_flowing(text, at))
		return;
	fail_msg("cursor %zu in \"%s\", on the screen row %u column %u:\n%.*s", at, text, term.row, term.column,
	         (int)((term.row - term.line_row + 1) * TERM_COLUMNS), term.cell[term.line_row]);
}

static void compare(void)
{
	assert_string_equal(ed.line, model.text);
	assert_int_equal(ed.len, strlen(model.text));
	assert_int_equal(ed.cursor, model.at);
	assert_int_equal(term.bells, model.bells);
	assert_int_equal(ed.dropped > 0, model.dropped);
	assert_false(term.garbage);
	expect_screen(model.text, model.at);
}

/* ---- random keys ---- */

/* How terminals spell each operation. */
static const struct { enum op op; const char *bytes; } spelling[] = {
	{ OP_LEFT, "\033[D" }, { OP_LEFT, "\033OD" }, { OP_LEFT, "\002" }, { OP_LEFT, "\033[1;5D" },
	{ OP_RIGHT, "\033[C" }, { OP_RIGHT, "\033OC" }, { OP_RIGHT, "\006" }, { OP_RIGHT, "\033[1;2C" },
	{ OP_UP, "\033[A" }, { OP_UP, "\033OA" }, { OP_UP, "\020" },
	{ OP_DOWN, "\033[B" }, { OP_DOWN, "\033OB" }, { OP_DOWN, "\016" },
	{ OP_HOME, "\033[H" }, { OP_HOME, "\033OH" }, { OP_HOME, "\033[1~" }, { OP_HOME, "\033[7~" }, { OP_HOME, "\001" },
	{ OP_END, "\033[F" }, { OP_END, "\033OF" }, { OP_END, "\033[4~" }, { OP_END, "\033[8~" }, { OP_END, "\005" },
	{ OP_DELETE, "\033[3~" }, { OP_DELETE, "\004" }, { OP_DELETE, "\033[3;5~" },
	{ OP_BACKSPACE, "\b" }, { OP_BACKSPACE, "\177" }, { OP_KILL_END, "\013" }, { OP_KILL_START, "\025" },
	{ OP_KILL_WORD, "\027" }, { OP_TRANSPOSE, "\024" }, { OP_TAB, "\t" }, { OP_CLEAR, "\014" },
	{ OP_ENTER, "\r" }, { OP_ENTER, "\n" }, { OP_ENTER, "\r\n" }, { OP_ENTER, "\033OM" }, { OP_CANCEL, "\003" },
	/* Insert, page keys, function keys, mouse and paste marks, replies, titles, meta keys, other alphabets. */
	{ OP_NOTHING, "\033[2~" }, { OP_NOTHING, "\033[5~" }, { OP_NOTHING, "\033[6~" }, { OP_NOTHING, "\033OP" },
	{ OP_NOTHING, "\033[15~" }, { OP_NOTHING, "\033[[A" }, { OP_NOTHING, "\033[200~" }, { OP_NOTHING, "\033[?1;2c" },
	{ OP_NOTHING, "\033[24;80R" }, { OP_NOTHING, "\033]0;title\a" }, { OP_NOTHING, "\033]0;title\033\\" },
	{ OP_NOTHING, "\033P1$r0m\033\\" }, { OP_NOTHING, "\033x" }, { OP_NOTHING, "\033(B" }, { OP_NOTHING, "\303\244" },
	{ OP_NOTHING, "\033[Z" }, { OP_NOTHING, "\007" }, { OP_NOTHING, "\033[99999999999~" }, { OP_NOTHING, "\033[12\030" },
	{ OP_NOTHING, "\033\033[2~" }, { OP_NOTHING, "\033[>1A" }, { OP_NOTHING, "\033[1\033[2~" },
};

static void enter_or_cancel(enum op op, enum edit_result r)
{
	assert_int_equal(r, op == OP_ENTER ? EDIT_LINE : EDIT_CANCEL);
	assert_int_equal(term.column, 0);
	assert_string_equal(ed.line, model.text);
	lines_entered++;
	model.text[0] = 0;
	model.at = model.up = 0;
	model.dropped = false;
	model.bells = 0;
	terminal_reset(&term);
	lineedit_start(&ed, PROMPT);
}

static void random_op(unsigned enters_in_1000)
{
	unsigned i = below(ARRAY_LEN(spelling));
	enum op op = spelling[i].op;
	char bytes[32];
	size_t n = strlen(spelling[i].bytes);
	unsigned row = term.row;
	enum edit_result r;

	/* Half of all keys are characters; lines end, and vanish, only now and then. */
	if (op == OP_ENTER || op == OP_CANCEL || op == OP_KILL_END || op == OP_KILL_START || op == OP_UP || op == OP_DOWN)
		op = below(1000) < enters_in_1000 ? op : OP_CHAR;
	memcpy(bytes, spelling[i].bytes, n);
	if (op == OP_CHAR || below(2)) {
		op = OP_CHAR;
		bytes[0] = "abcpftez  ;0129`!~xyz{"[below(22)];
		n = 1;
	}
	if (below(10) == 0 && bytes[n - 1] != '\n') {
		memmove(bytes + 1, bytes, n);       /* a NUL before it */
		bytes[0] = 0;
		n++;
	}
	model_do(&model, op, bytes[n - 1]);
	if (n == 2 && bytes[0] == '\r' && bytes[1] == '\n') {
		r = lineedit_feed(&ed, '\r');
		enter_or_cancel(op, r);
		r = lineedit_feed(&ed, '\n');       /* belongs to the return: no second, empty line */
		assert_int_equal(r, EDIT_MORE);
	} else if ((r = feed(bytes, n)) != EDIT_MORE) {
		enter_or_cancel(op, r);
	} else if (op == OP_ENTER || op == OP_CANCEL) {
		/* A line feed right after a return of the step before. */
		assert_int_equal(bytes[n - 1], '\n');
	}
	if (model.listed)
		assert_true(term.row >= row + 2);
	compare();
}

static void random_keys_in_short_lines(void **state)
{
	(void)state;
	begin(31);
	for (unsigned i = 0; i < 60000; i++)
		random_op(400);
	assert_true(lines_entered > 500);
}

/* The lines get long: flowing, windows, the end of the buffer. */
static void random_keys_in_long_lines(void **state)
{
	(void)state;
	for (unsigned seed = 41; seed < 51; seed++) {
		begin(seed);
		for (unsigned round = 0; round < 30; round++) {
			for (unsigned n = below(3) ? below(140) : below(600); n > 0; n--) {
				model_do(&model, OP_CHAR, 'q');
				feed("q", 1);
				compare();
			}
			terminal_reset(&term);
			model.bells = 0;
			lineedit_redraw(&ed);
			for (unsigned i = 0; i < 200; i++)
				random_op(20);
		}
	}
}

/* ---- the things people rely on ---- */

static void expect_bytes(const char *want)
{
	assert_int_equal(term.n, strlen(want));
	assert_memory_equal(term.bytes, want, term.n);
}

/* Also far over the width, and to the last character: what the tests of the whole kernel read. */
static void echo_is_what_was_typed(void **state)
{
	char want[700] = PROMPT, c[2] = "";

	(void)state;
	begin(1);
	for (unsigned i = 0; i < 511; i++) {
		c[0] = (char)(' ' + i * 7 % 95);
		type(c);
		strcat(want, c);
	}
	assert_int_equal(type("\r"), EDIT_LINE);
	strcat(want, "\n");
	expect_bytes(want);
	assert_int_equal(ed.dropped, 0);
	assert_int_equal(strlen(ed.line), 511);
	/* An ordinary correction at the end is the ordinary three bytes. */
	terminal_reset(&term);
	lineedit_start(&ed, PROMPT);
	assert_int_equal(type("ptf\177e 0\n"), EDIT_LINE);
	expect_bytes("kd> ptf\b \be 0\n");
	assert_string_equal(ed.line, "pte 0");
}

static void too_long_lines_lose_only_their_end(void **state)
{
	(void)state;
	begin(1);
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(lineedit_feed(&ed, (unsigned char)('a' + i % 26)), EDIT_MORE);
	assert_int_equal(ed.dropped, 10000 - 511);
	assert_int_equal(term.bells, 10000 - 511);
	assert_int_equal(type("\r"), EDIT_LINE);
	assert_int_equal(strlen(ed.line), 511);
	for (unsigned i = 0; i < 511; i++)
		assert_int_equal(ed.line[i], 'a' + i % 26);
	assert_int_equal(ed.dropped, 10000 - 511);
	lineedit_start(&ed, PROMPT);
	assert_int_equal(ed.dropped, 0);
	assert_int_equal(type("r\r"), EDIT_LINE);
	assert_string_equal(ed.line, "r");
}

static void history_is_kept_and_not_changed(void **state)
{
	static const char *const lines[] = { "one", "two", "two", "  ", "three", "" };

	(void)state;
	begin(1);
	for (unsigned i = 0; i < ARRAY_LEN(lines); i++) {
		type(lines[i]);
		assert_int_equal(type("\r"), EDIT_LINE);
		lineedit_start(&ed, PROMPT);
	}
	type("mine\033[A\033[A");
	assert_string_equal(ed.line, "two");
	type("!!\033[A");
	assert_string_equal(ed.line, "one");
	type("\033[A");
	assert_string_equal(ed.line, "one");
	type("\033[B");
	assert_string_equal(ed.line, "two");
	type("\033[B\033[B");
	assert_string_equal(ed.line, "mine");
	type("\033[B");
	assert_string_equal(ed.line, "mine");
	for (unsigned i = 0; i < 100; i++) {
		char text[16];

		snprintf(text, sizeof(text), "\025line %u\r", i);
		assert_int_equal(type(text), EDIT_LINE);
		lineedit_start(&ed, PROMPT);
	}
	for (unsigned i = 0; i < 50; i++)
		type("\020");
	assert_string_equal(ed.line, "line 68");    /* 32 lines: 99 down to 68 */
}

static void completion(void **state)
{
	(void)state;
	begin(1);
	type("pf\t");
	assert_string_equal(ed.line, "pfn ");
	type("\025pro x\001\033[C\033[C\033[C\t");
	assert_string_equal(ed.line, "protect x");
	type("\005\025ab\t");
	assert_string_equal(ed.line, "abc");
	terminal_reset(&term);
	lineedit_redraw(&ed);
	type("\t");
	assert_string_equal(ed.line, "abc");
	assert_memory_equal(term.cell[1], "abcdefgh  abcxyz ", 17);
	assert_memory_equal(term.cell[2], "kd> abc ", 8);
	assert_int_equal(term.bells, 0);
	type("q\t");
	assert_string_equal(ed.line, "abcq");
	assert_int_equal(term.bells, 1);
	type("\025x;zz\t");
	assert_string_equal(ed.line, "x;zz ");
	lineedit_init(&ed, &term.out, NULL, NULL, NULL);
	lineedit_start(&ed, PROMPT);
	type("p\t\033[A\033[B");
	assert_string_equal(ed.line, "p");
	assert_int_equal(type("\n"), EDIT_LINE);
}

static const char *number(void *ctx, const char *line, size_t word, size_t cursor, unsigned i)
{
	static char names[1000][8];

	(void)line, (void)word, (void)cursor;
	if (i >= *(unsigned *)ctx)
		return NULL;
	snprintf(names[i], sizeof(names[i]), "n%04u", i % 10000);
	return names[i];
}

/* Eleven of seven columns a row; a thousand names are cut, and said to be. */
static void long_lists(void **state)
{
	unsigned n = 23;
	char want[20];

	(void)state;
	begin(1);
	lineedit_init(&ed, &term.out, NULL, number, &n);
	terminal_reset(&term);
	lineedit_start(&ed, PROMPT);
	type("n00\t");
	for (unsigned i = 0; i < n; i++) {
		snprintf(want, sizeof(want), "n%04u ", i);
		assert_memory_equal(&term.cell[1 + i / 11][i % 11 * 7], want, 6);
	}
	assert_memory_equal(term.cell[4], "kd> n00 ", 8);
	n = 1000;
	type("\025n\t\t");
	assert_memory_equal(term.cell[term.row - 1], "... and 800 more ", 17);
	assert_false(term.garbage);
}

static void cancel_leaves_no_trace(void **state)
{
	(void)state;
	begin(1);
	type("abc\001");
	assert_int_equal(type("\003"), EDIT_CANCEL);
	assert_memory_equal(term.cell[0], "kd> abc^C ", 10);
	assert_true(term.row == 1 && term.column == 0);
	assert_int_equal(past.count, 0);
}

/* Whatever a line of noise types: no crash, no dirt, and the screen shows the line. */
static void noise(void **state)
{
	static const char favourites[] = "\033[]O;0123~\t\b\177\001\005\013\024\030ABCDHF\\";

	(void)state;
	begin(77);
	for (unsigned i = 0; i < 300000; i++) {
		unsigned char byte = (unsigned char)below(256);

		if (below(3) == 0)
			byte = (unsigned char)favourites[below(sizeof(favourites) - 1)];
		if (lineedit_feed(&ed, byte) != EDIT_MORE) {
			assert_int_equal(term.column, 0);
			lineedit_start(&ed, PROMPT);
		}
		if (term.row > 300) {
			terminal_reset(&term);
			lineedit_redraw(&ed);
		}
		assert_true(ed.len < LINE_BYTES && ed.cursor <= ed.len && strlen(ed.line) == ed.len);
		assert_false(term.garbage);
		expect_screen(ed.line, ed.cursor);
	}
	assert_int_equal(past.count, HISTORY_LINES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_keys_in_short_lines),
		cmocka_unit_test(random_keys_in_long_lines),
		cmocka_unit_test(echo_is_what_was_typed),
		cmocka_unit_test(too_long_lines_lose_only_their_end),
		cmocka_unit_test(history_is_kept_and_not_changed),
		cmocka_unit_test(completion),
		cmocka_unit_test(long_lists),
		cmocka_unit_test(cancel_leaves_no_trace),
		cmocka_unit_test(noise),
	};
	return cmocka_run_group_tests_name("lineedit", tests, NULL, NULL);
}
