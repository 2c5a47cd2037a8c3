/* shell/line/lineedit.h - a line being typed: editing, history and completion, on any serial terminal.
 * SPDX-License-Identifier: MIT
 *
 * Pure: bytes come in one at a time, what to draw goes to a struct out, nothing waits. A line typed at its
 * end is echoed exactly, however long, and left to the terminal to wrap. As soon as a line longer than a row is
 * edited elsewhere it continues on a fresh row as a window that scrolls, '<' and '>' marking what is hidden.
 * As everywhere in the kernel '\n' alone ends a row; the console adds the carriage return.
 */
#pragma once
#include "shell/line/complete.h"
#include "shell/line/history.h"
#include "shell/line/keys.h"
#include "shell/line/row.h"

enum edit_result {
	EDIT_MORE,      /* the line goes on */
	EDIT_LINE,      /* Enter: ed->line is ready, and in the history */
	EDIT_CANCEL     /* Ctrl-C: forget it */
};

struct lineedit {
	char line[LINE_BYTES];      /* always ends with NUL */
	size_t len, cursor;
	size_t dropped;             /* characters that did not fit: the line is incomplete and must not run */

	const char *prompt;         /* at most half a row of it is shown */
	struct history *history;    /* NULL: none */
	struct completion complete; /* fn and ctx are the caller's */

	/* The rest is lineedit.c's. */
	struct key_decoder keys;
	struct row row;
	size_t scroll;              /* the first character in the window */
	bool flowing;               /* longer than the row, typed at its end: the terminal wraps it */
	unsigned back;              /* which line of the history this one began as; 0: its own */
	char own[LINE_BYTES];       /* the unfinished line, while a history line is shown */
	size_t own_dropped;
};

/* ed is all zero or was used before. */
void lineedit_init(struct lineedit *ed, struct out *out, struct history *history, complete_fn fn, void *ctx);
/* Begins an empty line and shows the prompt; the cursor must be at the start of a row. prompt must outlive the line. */
void lineedit_start(struct lineedit *ed, const char *prompt);
/* After EDIT_LINE and EDIT_CANCEL the cursor is at the start of a row; lineedit_start() comes next. */
enum edit_result lineedit_feed(struct lineedit *ed, unsigned char byte);
/* Shows prompt and line again, at the start of a row: something else was printed meanwhile. */
void lineedit_redraw(struct lineedit *ed);
