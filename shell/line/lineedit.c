/* shell/line/lineedit.c - a line being typed: editing, history and completion.
 * SPDX-License-Identifier: MIT
 *
 * Each key has a function that changes line, len and cursor and says whether it did; what the
 * screen must look like follows from those three in paint(), and how to get there is row.c's.
 */
#include "shell/line/lineedit.h"
#include "lib/addr.h"
#include "lib/string.h"

/* Sends bytes to the terminal; row.column is not updated. */
static void put(struct lineedit *ed, const char *s)
{
	ed->row.out->put(ed->row.out, s, strlen(s));
}

/* Continues on a fresh row: what is above stays as it is. */
static void newline(struct lineedit *ed)
{
	put(ed, "\n");
	ed->row.out->column = 0;
	row_fresh(&ed->row);
	ed->flowing = false;
}

/* ---- showing ---- */

/* Columns of the prompt that are shown: half a row at most, so that there is room for the line. */
static size_t prompt_len(const struct lineedit *ed)
{
	size_t n = strlen(ed->prompt);

	return n < ROW_COLUMNS / 2 ? n : ROW_COLUMNS / 2;
}

/* Moves the window when the cursor is outside it or on one of its marks; half a window at once, so that
 * typing on does not move it with every character. */
static void scroll_to_cursor(struct lineedit *ed, size_t room)
{
	bool more_left = ed->scroll > 0, more_right = ed->len > ed->scroll + room;
	size_t first = ed->scroll + more_left, last = ed->scroll + room - (more_right ? 2 : 0);

	if (ed->len <= room)
		ed->scroll = 0;
	else if (ed->cursor < first || ed->cursor > last)
		ed->scroll = ed->cursor > room / 2 ? ed->cursor - room / 2 : 0;
}

/* Builds the row: prompt, the visible part of the line, and marks where the line continues. row_show()
 * writes the difference. */
static void paint(struct lineedit *ed)
{
	size_t plen = prompt_len(ed), room = ROW_COLUMNS - plen, n;
	char want[ROW_COLUMNS];

	if (ed->flowing)
		newline(ed);
	scroll_to_cursor(ed, room);
	n = ed->len - ed->scroll < room ? ed->len - ed->scroll : room;
	memset(want, ' ', sizeof(want));
	memcpy(want, ed->prompt, plen);
	memcpy(want + plen, ed->line + ed->scroll, n);
	if (ed->scroll > 0)
		want[plen] = '<';
	if (ed->scroll + n < ed->len)
		want[ROW_COLUMNS - 1] = '>';
	row_show(&ed->row, want, (unsigned)(plen + ed->cursor - ed->scroll));
}

/* ---- changing ---- */

/* True: the cursor moved. */
static bool move_cursor(struct lineedit *ed, size_t to)
{
	bool moved = to != ed->cursor;

	ed->cursor = to;
	return moved;
}

/* Takes line[from..to) out; the cursor goes there. from <= to <= len. An empty line lacks no characters any more, so that what
 * is typed next can be run. */
static bool cut(struct lineedit *ed, size_t from, size_t to)
{
	if (from == to)
		return false;
	memmove(ed->line + from, ed->line + to, ed->len + 1 - to);
	ed->len -= to - from;
	ed->cursor = from;
	if (ed->len == 0)
		ed->dropped = 0;
	return true;
}

/* All of s or nothing. */
static bool insert(struct lineedit *ed, const char *s, size_t n)
{
	if (n > LINE_BYTES - 1 - ed->len)
		return false;
	memmove(ed->line + ed->cursor + n, ed->line + ed->cursor, ed->len + 1 - ed->cursor);
	memcpy(ed->line + ed->cursor, s, n);
	ed->len += n;
	ed->cursor += n;
	return true;
}

/* Replaces the line and puts the cursor at its end. dropped: how many characters that line lacks. */
static void set_line(struct lineedit *ed, const char *line, size_t dropped)
{
	str_copy(ed->line, line, LINE_BYTES);
	ed->len = ed->cursor = strlen(ed->line);
	ed->dropped = dropped;
}

/* A character at the end of a line that fills its row is only echoed, and the terminal wraps: a line
 * that is pasted appears as it is, however long. A character that does not fit is counted, with a
 * bell; the line is then not run. */
static void type(struct lineedit *ed, char c)
{
	bool at_end = ed->cursor == ed->len;
	bool row_is_full = ed->scroll == 0 && prompt_len(ed) + ed->len == ROW_COLUMNS;

	if (!insert(ed, &c, 1)) {
		ed->dropped++;
		put(ed, "\a");
	} else if (at_end && (ed->flowing || row_is_full)) {
		ed->flowing = true;
		ed->row.out->put(ed->row.out, &c, 1);
	} else {
		paint(ed);
	}
}

/* ---- one function a key: true when there is something to paint ---- */

/* False if the cursor is at that end of the line already. */
static bool key_left(struct lineedit *ed)  { return move_cursor(ed, ed->cursor - (ed->cursor > 0)); }
static bool key_right(struct lineedit *ed) { return move_cursor(ed, ed->cursor + (ed->cursor < ed->len)); }
static bool key_home(struct lineedit *ed)  { return move_cursor(ed, 0); }
static bool key_end(struct lineedit *ed)   { return move_cursor(ed, ed->len); }

/* False if there is nothing to remove: no character is on that side of the cursor. */
static bool key_backspace(struct lineedit *ed)     { return cut(ed, ed->cursor - (ed->cursor > 0), ed->cursor); }
static bool key_delete(struct lineedit *ed)        { return cut(ed, ed->cursor, ed->cursor + (ed->cursor < ed->len)); }
static bool key_kill_to_end(struct lineedit *ed)   { return cut(ed, ed->cursor, ed->len); }
static bool key_kill_to_start(struct lineedit *ed) { return cut(ed, 0, ed->cursor); }

/* Removes the blanks before the cursor and the word before them. */
static bool key_kill_word(struct lineedit *ed)
{
	size_t from = ed->cursor;

	while (from > 0 && ed->line[from - 1] == ' ')
		from--;
	while (from > 0 && ed->line[from - 1] != ' ')
		from--;
	return cut(ed, from, ed->cursor);
}

/* The characters on both sides of the cursor change places, at the end the last two. */
static bool key_transpose(struct lineedit *ed)
{
	size_t at = ed->cursor - (ed->cursor == ed->len);
	char c;

	if (ed->len < 2 || ed->cursor == 0)
		return false;
	c = ed->line[at];
	ed->line[at] = ed->line[at - 1];
	ed->line[at - 1] = c;
	ed->cursor = at + 1;
	return true;
}

/* Shows the history line `back` lines ago; 0: the unfinished line, which is kept in `own` at the
 * first step back. False: there is none that old. */
static bool recall(struct lineedit *ed, unsigned back)
{
	const char *line = ed->history ? history_get(ed->history, back) : NULL;

	if (back > 0 && !line)
		return false;
	if (ed->back == 0) {
		str_copy(ed->own, ed->line, LINE_BYTES);
		ed->own_dropped = ed->dropped;
	}
	ed->back = back;
	set_line(ed, back ? line : ed->own, back ? 0 : ed->own_dropped);
	return true;
}

static bool key_previous(struct lineedit *ed) { return recall(ed, ed->back + 1); }
static bool key_next(struct lineedit *ed)     { return ed->back > 0 && recall(ed, ed->back - 1); }

/* CUP (ECMA-48, 8.3.21): cursor home; ED (8.3.39): erase the screen. Terminals without them show the letters. */
static bool key_clear(struct lineedit *ed)
{
	put(ed, "\033[H\033[2J");
	ed->flowing = false;
	row_fresh(&ed->row);
	return true;
}

/* The one name there is, with the blank behind it; of several what they share; when that is there already, a list. */
static bool key_tab(struct lineedit *ed)
{
	struct completion *c = &ed->complete;
	size_t typed, more;
	bool blank_follows = ed->line[ed->cursor] == ' ';
	bool done = false;

	c->line = ed->line;
	c->cursor = ed->cursor;
	complete_find(c);
	typed = c->cursor - c->word;
	more = c->name && c->common > typed ? c->common - typed : 0;
	if (c->name && !c->unique && more == 0) {
		newline(ed);
		complete_list(c, ed->row.out);
		return true;
	}
	if (c->name && more + (c->unique && !blank_follows) <= LINE_BYTES - 1 - ed->len) {
		done = insert(ed, c->name + typed, more);
		if (c->unique && blank_follows)
			ed->cursor++;
		else if (c->unique)
			done = insert(ed, " ", 1);
	}
	if (!done)
		put(ed, "\a");
	return done;
}

/* By key - KEY_CONTROL. Each may use the whole of `ed`, but leaves painting to lineedit_feed(). */
static bool (*const key_function[KEY_LIMIT - KEY_CONTROL])(struct lineedit *ed) = {
#define KEY(name) [KEY_##name - KEY_CONTROL]
	KEY(LEFT) = key_left,                   KEY(RIGHT) = key_right,
	KEY(HOME) = key_home,                   KEY(END) = key_end,
	KEY(PREVIOUS) = key_previous,           KEY(NEXT) = key_next,
	KEY(BACKSPACE) = key_backspace,         KEY(DELETE) = key_delete,
	KEY(KILL_TO_END) = key_kill_to_end,     KEY(KILL_TO_START) = key_kill_to_start,
	KEY(KILL_WORD) = key_kill_word,         KEY(TRANSPOSE) = key_transpose,
	KEY(TAB) = key_tab,                     KEY(CLEAR) = key_clear,
#undef KEY
};

/* ---- the interface ---- */

void lineedit_init(struct lineedit *ed, struct out *out, struct history *history, complete_fn fn, void *ctx)
{
	*ed = (struct lineedit){ .history = history, .complete = { .fn = fn, .ctx = ctx }, .row = { .out = out } };
	ed->prompt = "";
	row_fresh(&ed->row);
}

void lineedit_start(struct lineedit *ed, const char *prompt)
{
	ed->prompt = prompt;
	ed->back = 0;
	set_line(ed, "", 0);
	lineedit_redraw(ed);
}

void lineedit_redraw(struct lineedit *ed)
{
	ed->flowing = false;
	ed->scroll = 0;
	row_fresh(&ed->row);
	paint(ed);
}

/* Ends the line. Ctrl-C shows the line as it was typed with ^C behind it, and it does not go into
 * the history. */
static enum edit_result finish(struct lineedit *ed, int key)
{
	if (key == KEY_CANCEL) {
		if (key_end(ed))
			paint(ed);
		put(ed, "^C");
	} else if (ed->history) {
		history_add(ed->history, ed->line);
	}
	newline(ed);
	return key == KEY_CANCEL ? EDIT_CANCEL : EDIT_LINE;
}

enum edit_result lineedit_feed(struct lineedit *ed, unsigned char byte)
{
	int key = key_feed(&ed->keys, byte);

	if (key == KEY_ENTER || key == KEY_CANCEL)
		return finish(ed, key);
	if (key >= KEY_CONTROL && key_function[key - KEY_CONTROL](ed))
		paint(ed);
	else if (key != KEY_NONE && key < KEY_CONTROL)
		type(ed, (char)key);
	return EDIT_MORE;
}
