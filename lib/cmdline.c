/* lib/cmdline.c - finds options on the boot command line; used by the boot stage and the kernel.
 * SPDX-License-Identifier: MIT
 */
#include "lib/cmdline.h"
#include "lib/string.h"

/* The end of the word at s: a blank outside quotes. */
static const char *word_end(const char *s)
{
	bool quoted = false;

	for (; *s && (quoted || *s != ' '); s++)
		if (*s == '"')
			quoted = !quoted;
	return s;
}

static void copy_value(char *dst, size_t size, const char *s, const char *end)
{
	for (; s < end && size > 1; s++)
		if (*s != '"') {
			*dst++ = *s;
			size--;
		}
	if (size)
		*dst = 0;
}

static const char *next_word(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

bool cmdline_word(const char *cmdline, unsigned nth, char *word, size_t size)
{
	const char *s = next_word(cmdline), *end;

	for (; *s && nth > 0; nth--)
		s = next_word(word_end(s));
	if (!*s)
		return false;
	for (end = word_end(s); s < end && size > 1; size--)
		*word++ = *s++;
	if (size)
		*word = 0;
	return true;
}

bool cmdline_option(const char *cmdline, const char *name, unsigned nth, char *value, size_t size)
{
	size_t n = strlen(name);

	for (const char *s = cmdline; *s; ) {
		const char *end = word_end(s);
		bool match = !strncmp(s, name, n) && (s + n == end || s[n] == '=');

		if (match && nth-- == 0) {
			copy_value(value, size, s[n] == '=' ? s + n + 1 : end, end);
			return true;
		}
		for (s = end; *s == ' '; s++)
			;
	}
	return false;
}

bool cmdline_is(const char *cmdline, const char *name, const char *value)
{
	char got[24];

	return cmdline_option(cmdline, name, 0, got, sizeof(got)) && !strcmp(got, value);
}

static int digit(char c, unsigned base)
{
	int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 16;

	return d < (int)base ? d : -1;
}

bool cmdline_number(const char **text, uint64_t *value)
{
	const char *s = *text;
	unsigned base = 10, shift;

	if (s[0] == '0' && (s[1] | 32) == 'x') {
		base = 16;
		s += 2;
	}
	if (digit(*s, base) < 0)
		return false;
	for (*value = 0; digit(*s, base) >= 0; s++) {
		if (*value > (UINT64_MAX >> 4))
			return false;
		*value = *value * base + (unsigned)digit(*s, base);
	}
	shift = (*s | 32) == 'k' ? 10 : (*s | 32) == 'm' ? 20 : (*s | 32) == 'g' ? 30 : 0;
	if (*value << shift >> shift != *value)
		return false;
	*value <<= shift;
	*text = s + (shift != 0);
	return true;
}

bool cmdline_range(const char *text, uint64_t *pa, uint64_t *len)
{
	return cmdline_number(&text, pa) && *text++ == ',' && cmdline_number(&text, len) && !*text && *len &&
	       *pa + *len >= *pa;
}
