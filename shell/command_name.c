/* shell/command_name.c - names of commands: where a name and a command end in a line, and which command it names.
 * SPDX-License-Identifier: MIT
 *
 * The commands are the rows of the linker section; a name is searched in their order. Upper and lower
 * case are the same.
 */
#include "lib/string.h"
#include "shell/command.h"

/* Characters of a command's name; ! and . may come first. */
static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
	       c == '!';
}

/* ? and ?? are names although they are no letters, and need no blank after them. */
size_t command_name_length(const char *s)
{
	size_t n = 0;

	if (*s == '?')
		return s[1] == '?' ? 2 : 1;
	while (is_name(s[n]))
		n++;
	/* A hyphen begins an option, unless a command has this name. */
	if (n > 0 && s[n] == '-') {
		size_t whole = n + 1;

		while (is_name(s[whole]))
			whole++;
		if (command_find(s, whole))
			n = whole;
	}
	/* No character of a name: the length of the whole word, so that the error is about all of it. */
	if (n == 0)
		while (s[n] && s[n] != ' ')
			n++;
	return n;
}

/* Compares without case. A name of 32 characters or more equals none. */
static bool same(const char *a, size_t an, const char *b, size_t bn)
{
	char x[32], y[32];

	if (an != bn || an >= sizeof(x))
		return false;
	memcpy(x, a, an);
	memcpy(y, b, bn);
	x[an] = y[bn] = 0;
	return str_casecmp(x, y) == 0;
}

/* True for the name of the command and for each of its aliases. */
static bool has_name(const struct command *c, const char *name, size_t n)
{
	const char *s = c->aliases ? c->aliases : "";

	if (same(c->name, strlen(c->name), name, n))
		return true;
	for (;;) {
		size_t length = 0;

		while (*s == ' ')
			s++;
		if (!*s)
			return false;
		while (s[length] && s[length] != ' ')
			length++;
		if (same(s, length, name, n))
			return true;
		s += length;
	}
}

/* As command_find(), but a leading ! or . is significant. NULL: none. */
static const struct command *find_exactly(const char *name, size_t n)
{
	for (const struct command *c = commands_start; c < commands_end; c++)
		if (has_name(c, name, n))
			return c;
	return NULL;
}

/* The exact name first: !process and .process are two commands, !pte and .pte are pte. */
const struct command *command_find(const char *name, size_t n)
{
	const struct command *c = find_exactly(name, n);

	if (!c && n > 1 && (*name == '!' || *name == '.'))
		c = find_exactly(name + 1, n - 1);
	return c;
}

/* Quotes have no escape: a quote always begins or ends a text. */
const char *command_end(const char *line)
{
	bool quoted = false;

	for (; *line && (quoted || *line != ';'); line++)
		if (*line == '"')
			quoted = !quoted;
	return line;
}
