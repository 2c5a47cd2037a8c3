/* shell/line/complete.h - what Tab finds: the candidates for a word, and what they share.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/out.h"
#include <stdbool.h>

/* The i-th name that the word line[word..cursor) may become, each beginning with it exactly; NULL when there are
 * no more. The names live until the next call of Tab's handler is over. line is the whole one, so that the
 * callee can tell a command (nothing but blanks or ; before the word) from an argument. */
typedef const char *(*complete_fn)(void *ctx, const char *line, size_t word, size_t cursor, unsigned i);

struct completion {
	complete_fn fn;         /* NULL: Tab finds nothing */
	void *ctx;
	const char *line;
	size_t word, cursor;    /* set by complete_find */
	const char *name;       /* the first candidate, NULL when there is none */
	size_t common;          /* how much of it all candidates share */
	bool unique;
};

/* fn, ctx, line and cursor are set; finds the word and looks at all candidates. */
void complete_find(struct completion *c);
/* All candidates in columns, each row ended by a newline. */
void complete_list(const struct completion *c, struct out *out);
