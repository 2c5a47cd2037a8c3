/* scenario/words.c - numbers and words of a line.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "scenario/impl.h"

const char *scenario_skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')
		s++;
	return s;
}

/* The value of a hex digit; 16: it is none. */
static unsigned digit(char c)
{
	return c >= '0' && c <= '9' ? (unsigned)(c - '0') :
	       (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10) : 16;
}

const char *scenario_hex(const char *s, uint64_t *value, unsigned *digits)
{
	*value = 0;
	*digits = 0;
	for (; digit(*s) < 16 || (*s == '`' && *digits); s++) {
		if (*s == '`')
			continue;
		*value = *value << 4 | digit(*s);
		++*digits;
	}
	if (*digits > 16)
		*digits = 0;
	return s;
}

/* 0n81 */
static bool decimal(const char *s, uint64_t *value)
{
	*value = 0;
	for (; digit(*s) < 10; s++) {
		if (*value > (UINT64_MAX - digit(*s)) / 10)
			return false;
		*value = *value * 10 + digit(*s);
	}
	return *s == 0;
}

bool scenario_number(const char *word, uint64_t *value)
{
	unsigned digits;

	if (word[0] == '0' && word[1] == 'n')
		return word[2] != 0 && decimal(word + 2, value);
	if (word[0] == '0' && (word[1] | 0x20) == 'x')
		word += 2;
	return *scenario_hex(word, value, &digits) == 0 && digits;
}

/* The quotes are removed: the text moves one character to the left. */
static char *unquote(char *quote, const char **why)
{
	char *end = strchr(quote + 1, '"');

	if (!end) {
		*why = "no closing quote";
		return NULL;
	}
	memmove(quote, quote + 1, (size_t)(end - quote - 1));
	end[-1] = 0;
	*end = 0;
	return end + 1;
}

char *scenario_word(char **s, const char **why)
{
	char *word = *s + (scenario_skip_blanks(*s) - *s), *end = word;

	if (!*word)
		return NULL;
	while (*end && *end != ' ' && *end != '\t' && *end != '\r' && *end != '\n' && *end != '"')
		end++;
	if (*end == '"') {
		end = unquote(end, why);
		if (!end)
			return NULL;
		*s = end;
		return word;
	}
	*s = end + (*end != 0);
	*end = 0;
	return word;
}
