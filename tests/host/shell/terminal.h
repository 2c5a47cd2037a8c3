/* tests/host/shell/terminal.h - an 80-column terminal: bytes to a screen, nothing of the line editor's.
 * SPDX-License-Identifier: MIT
 *
 * Knows what a VT100 knows of printable characters, BS, CR, LF, BEL, and ESC [ H and ESC [ 2 J. The 81st character
 * of a row goes to the next one, as with a VT100 only when it comes.
 */
#pragma once
#include "lib/out.h"
#include <stdbool.h>

#define TERM_COLUMNS 80
#define TERM_ROWS    400      /* keeps them all: nothing scrolls out */

struct terminal {
	struct out out;           /* first; a console in front adds the carriage returns */
	char cell[TERM_ROWS][TERM_COLUMNS];
	unsigned row, column;     /* column 80: the row is full, the next character wraps */
	unsigned line_row;        /* the row that the last LF or clearing led to */
	unsigned bells, clears;
	unsigned escape;          /* bytes of an escape sequence so far */
	bool garbage;             /* a byte that a dumb terminal would show as dirt */
	char bytes[1 << 16];      /* what came, as long as it fits */
	size_t n;
};

void terminal_init(struct terminal *t);
/* Forgets the past: an empty screen, counters at 0. */
void terminal_reset(struct terminal *t);
