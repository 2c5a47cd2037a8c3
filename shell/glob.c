/* shell/glob.c - patterns with * and ?, without recursion.
 * SPDX-License-Identifier: MIT
 *
 * Time: at most length of pattern * length of text. No recursion, because the pattern comes from the user.
 */
#include "shell/glob.h"
#include <stddef.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* star: the pattern after the last *; taken: where its next attempt starts in the text. After a
 * mismatch only the last * is extended. */
bool glob_match(const char *pattern, const char *text)
{
	const char *star = NULL, *taken = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			taken = text;
		} else if (*pattern == '?' || lower(*pattern) == lower(*text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++taken;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
