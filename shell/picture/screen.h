/* shell/picture/screen.h - a picture of characters: printed as text, or redrawn in place on a terminal.
 * SPDX-License-Identifier: MIT
 *
 * A command fills `want`. screen_update() sends the characters that differ from those on the terminal, and nothing if none
 * does: at most SCREEN_CHANGE_BYTES for each, and SCREEN_UPDATE_BYTES.
 */
#pragma once
#include "lib/out.h"
#include "shell/picture/palette.h"
#include <stdbool.h>

/* Of a larger terminal only a part is used. */
#define SCREEN_ROWS    64
#define SCREEN_COLUMNS 160
/* A cursor position of three digits each, two colours, the character. */
#define SCREEN_CHANGE_BYTES (10 + 22 + 1)
/* Saving and restoring the cursor. */
#define SCREEN_UPDATE_BYTES 4

struct glyph { char c; uint8_t ink; };

struct screen {
	unsigned rows, columns;
	struct glyph want[SCREEN_ROWS][SCREEN_COLUMNS];
	struct glyph shown[SCREEN_ROWS][SCREEN_COLUMNS];   /* c 0: unknown */
};

/* Begins a picture of this size, which is cut to the maximum: all blanks. */
void screen_begin(struct screen *s, unsigned rows, unsigned columns);
/* Outside the screen: nothing happens. */
void screen_put(struct screen *s, unsigned row, unsigned column, char c, enum ink ink);
/* As printf(); returns the column after the text. */
unsigned screen_printf(struct screen *s, unsigned row, unsigned column, enum ink ink, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Prints the picture as lines, without the empty ones at its end. */
void screen_print(const struct screen *s, struct out *out, bool in_colour);
/* The terminal shows blanks in the part of the picture. */
void screen_is_blank(struct screen *s);
/* Redraws what changed, with row 0 at row `top` of the terminal, counted from 1. Cursor and colours of other output are kept. */
void screen_update(struct screen *s, struct out *out, unsigned top);
