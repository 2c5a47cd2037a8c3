/* shell/line/history.h - the last lines entered, in a ring.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stddef.h>

#define LINE_BYTES    512     /* of any line, its NUL included */
#define HISTORY_LINES 32

/* All zero is empty. */
struct history {
	char line[HISTORY_LINES][LINE_BYTES];
	unsigned next;          /* where the next one goes */
	unsigned count;
};

/* Empty lines and a repetition of the last line are not stored; the oldest line is overwritten. */
void history_add(struct history *h, const char *line);
/* back 1 is the last line; NULL for 0 and when there are not as many. */
const char *history_get(const struct history *h, unsigned back);
