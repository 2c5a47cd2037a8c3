/* shell/option.c - values of a command's options: addresses and ranges.
 * SPDX-License-Identifier: MIT
 *
 * parse.c finds the options and their texts; a command asks here for what a text means. An error
 * has its caret at the character of the value, as one in an argument has.
 */
#include "inspect/eval.h"
#include "lib/string.h"
#include "shell/command.h"

/* Evaluates n characters of an option's value, from character `from` on. All of them must be used.
 * With `number` nothing is sign-extended: physical addresses are wider than virtual ones. */
static bool option_number(struct call *c, unsigned i, size_t from, size_t n, bool number, uint64_t *value)
{
	/* at: column of the value's first character, where the caret of an error is counted from. */
	const struct arg *a = &c->option[i];
	struct eval_error error = { .what = NULL };
	char text[LINE_BYTES];
	const char *end = text;

	/* The value is a part of a line, so it has fewer than LINE_BYTES characters. */
	memcpy(text, a->text + from, n);
	text[n] = 0;
	if ((number ? eval_number : eval)(c->target, text, shell_radix, &end, value, &error) != OK || *end) {
		call_fail_at(c, c->text + a->at + from + (error.what ? error.at : (size_t)(end - text)), "%s",
		            error.what ? error.what : "not part of an expression");
		return false;
	}
	*value = number ? *value : target_address(c->target, *value);
	return true;
}

bool call_option_address(struct call *c, unsigned i, uint64_t *va)
{
	return option_number(c, i, 0, strlen(c->option[i].text), false, va);
}

bool call_option_range(struct call *c, unsigned i, bool number, uint64_t *first, uint64_t *last)
{
	const char *text = c->option[i].text;
	size_t n = strlen(text), at = 0;
	int depth = 0;

	/* A difference or a negative number as A needs parentheses; B does not. An unbalanced ) hides every - behind it. */
	for (; text[at] && (text[at] != '-' || depth); at++)
		depth += (text[at] == '(') - (text[at] == ')');
	if (!text[at]) {
		call_fail_option(c, i, "a range A-B is expected");
		return false;
	}
	if (!option_number(c, i, 0, at, number, first) || !option_number(c, i, at + 1, n - at - 1, number, last))
		return false;
	if (*last < *first)
		call_fail_option(c, i, "the end of the range is below its start");
	return !c->failed;
}

void call_fail_option(struct call *c, unsigned i, const char *what)
{
	call_fail_at(c, c->text + c->option[i].at, "%s", what);
}
