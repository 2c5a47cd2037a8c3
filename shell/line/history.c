/* shell/line/history.c - the last lines entered, in a ring.
 * SPDX-License-Identifier: MIT
 */
#include "shell/line/history.h"
#include "lib/string.h"

/* True for a line of blanks only. */
static bool is_blank(const char *s)
{
	while (*s == ' ')
		s++;
	return *s == 0;
}

/* A line that equals the newest one is not stored again, so that Up reaches older lines sooner. */
void history_add(struct history *h, const char *line)
{
	const char *last = history_get(h, 1);

	if (is_blank(line) || (last && strcmp(last, line) == 0))
		return;
	str_copy(h->line[h->next], line, LINE_BYTES);
	h->next = (h->next + 1) % HISTORY_LINES;
	if (h->count < HISTORY_LINES)
		h->count++;
}

/* The newest line is before `next`; back counts from there. */
const char *history_get(const struct history *h, unsigned back)
{
	if (back == 0 || back > h->count)
		return NULL;
	return h->line[(h->next + HISTORY_LINES - back) % HISTORY_LINES];
}
