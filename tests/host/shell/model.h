/* tests/host/shell/model.h - what a line editor means: text, a cursor, lines entered before.
 * SPDX-License-Identifier: MIT
 *
 * Knows neither bytes nor screens; every change builds the text anew from its parts.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define MODEL_MAX   511     /* characters of a line */
#define MODEL_LINES 32      /* that the history keeps */

enum op {
	OP_CHAR, OP_LEFT, OP_RIGHT, OP_HOME, OP_END, OP_BACKSPACE, OP_DELETE, OP_KILL_END, OP_KILL_START,
	OP_KILL_WORD, OP_TRANSPOSE, OP_UP, OP_DOWN, OP_TAB, OP_CLEAR, OP_NOTHING, OP_ENTER, OP_CANCEL, OP_COUNT
};

struct model {
	char text[MODEL_MAX + 1], own[MODEL_MAX + 1];
	size_t at;
	unsigned bells;
	bool dropped, own_dropped;
	bool listed;              /* the last Tab showed a list */
	unsigned up;              /* how many lines back */
	char line[MODEL_LINES][MODEL_MAX + 1];   /* [0] is the last one */
	unsigned lines;
};

extern const char *const model_names[];      /* what Tab knows, NULL at the end */

void model_do(struct model *m, enum op op, char c);
