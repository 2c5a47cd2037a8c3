/* shell/glob.c - patterns with * and ?, without recursion.
 * SPDX-License-Identifier: MIT
 *
 * Time is at most pattern times text, and no stack is needed: the pattern comes from the user.
 */
#include "shell/glob.h"
#include <stddef.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* star: after the last *; taken: the text from which it is tried again. On a mismatch, of several *
 * only the last takes one character more: an earlier one could gain nothing by it. */
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
