/* shell/line/complete.c - what Tab finds: the candidates for a word, and what they share.
 * SPDX-License-Identifier: MIT
 *
 * Works on a list that a function yields one by one, so it needs no memory for names. It is read
 * anew for each purpose.
 */
#include "shell/line/complete.h"
#include "lib/string.h"

#define LIST_COLUMNS 79
#define LIST_MOST    200      /* names in one list; there are thousands of symbols */

/* Ends a word: a space, or an operator of an expression. ! and . are parts of names. */
static const char separators[] = " ;,()+-*/%&|^~<>=@\"";

/* The i-th candidate; NULL: no more, or no completion here. */
static const char *candidate(const struct completion *c, unsigned i)
{
	return c->fn ? c->fn(c->ctx, c->line, c->word, c->cursor, i) : NULL;
}

/* Returns the length of the longest common prefix. */
static size_t shared(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/* The word begins after the last separator before the cursor. Case counts, since symbols that differ
 * in case are different. */
void complete_find(struct completion *c)
{
	const char *name;

	c->word = c->cursor;
	while (c->word > 0 && !strchr(separators, c->line[c->word - 1]))
		c->word--;
	c->name = candidate(c, 0);
	c->common = c->name ? strlen(c->name) : 0;
	c->unique = c->name != NULL;
	for (unsigned i = 1; c->name && (name = candidate(c, i)) != NULL; i++) {
		size_t n = shared(c->name, name);

		/* The same name twice is still one. */
		if (c->name[n] || name[n])
			c->unique = false;
		if (n < c->common)
			c->common = n;
	}
}

/* Rows of equal columns, as wide as the longest name; a row ends without trailing blanks. Names
 * beyond LIST_MOST are counted only. */
void complete_list(const struct completion *c, struct out *out)
{
	size_t width = 1;
	unsigned count = 0, per_row;
	const char *name;

	for (; (name = candidate(c, count)) != NULL; count++)
		if (count < LIST_MOST && strlen(name) + 2 > width)
			width = strlen(name) + 2;
	per_row = width < LIST_COLUMNS ? (unsigned)(LIST_COLUMNS / width) : 1;
	for (unsigned i = 0; i < LIST_MOST && (name = candidate(c, i)) != NULL; i++) {
		bool last = i % per_row == per_row - 1 || i + 1 == count || i + 1 == LIST_MOST;

		out_printf(out, "%-*s%s", last ? 0 : (int)width, name, last ? "\n" : "");
	}
	if (count > LIST_MOST)
		out_printf(out, "... and %u more\n", count - LIST_MOST);
}
