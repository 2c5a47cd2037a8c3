/* shell/live/watch.h - a picture of cells, printed once or redrawn while programs run: `frames`, `spaces`.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "shell/command.h"
#include "shell/picture/cells.h"

/* Draws the picture: text above cells->top, and the cells. With `clear` it clears the accessed bits that it reads. It keeps the
 * cells in the part of the screen that cells_rows() and cells_columns() give. */
typedef void (*draw_fn)(struct call *c, struct cells *cells, bool clear);

/* Prints the picture: in colour and in the size of the terminal if the console is one. */
void picture_print(struct call *c, draw_fn draw);
/* Redraws the picture at most ten times a second until q or Ctrl-C is typed. The picture takes the lower part of the terminal;
 * the output of programs scrolls above it. Without a terminal it prints one line, at argument i. */
void picture_watch(struct call *c, unsigned i, draw_fn draw);
/* As picture_print() or picture_watch(), by the option -w at argument i. */
void picture_run(struct call *c, unsigned i, draw_fn draw);

/* Draws letters and names of n kinds as columns, from `row` on, with their totals if `counted`. */
void picture_legend(struct cells *cells, unsigned row, const uint8_t *kinds, unsigned n, bool counted);
