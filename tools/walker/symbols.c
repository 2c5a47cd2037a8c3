/* tools/walker/symbols.c - names of addresses, from an ELF file, System.map or /proc/kallsyms.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/image/message.h"
#include "tools/walker/symbols.h"

/* An address this far behind a symbol does not belong to it. */
#define FAR 0x1000000u

struct symbol { uint64_t value; const char *name; };

struct symbols {
	char *text;                       /* of the file; names point into it */
	struct symbol *of_name, *of_value; /* the same in two orders */
	size_t n, room;
	uint64_t slide;
};

void symbols_add(struct symbols *s, uint64_t value, bool absolute, const char *name)
{
	/* A damaged file's bytes would control the terminal. */
	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~')
			return;
	if (s->n == s->room) {
		s->room = 2 * s->room + 1024;
		s->of_name = realloc(s->of_name, s->room * sizeof(*s->of_name));
		if (!s->of_name)
			exit(1);
	}
	s->of_name[s->n++] = (struct symbol){ value + (absolute ? 0 : s->slide), name };
}

/* ---- the file ---- */

/* All bytes, and a NUL behind them. /proc/kallsyms has no size. */
static char *read_all(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t room = 0, part = 1;

	for (*n = 0; f && part; *n += part) {
		if (*n + 4096 >= room) {
			text = realloc(text, room = 2 * room + 65536);
			if (!text)
				exit(1);
		}
		part = fread(text + *n, 1, room - *n - 1, f);
		text[*n + part] = 0;
	}
	if (!f || ferror(f)) {
		message("%s: %s\n", path, strerror(errno));
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

/* "ADDRESS TYPE NAME", and with kallsyms the module. Moves *text to the next line. False: it is something else. */
static bool take_line(struct symbols *s, char **text)
{
	char *end = *text + strcspn(*text, "\n"), *at, *name, *next = end + (*end != 0);
	uint64_t value;

	*end = 0;
	errno = 0;
	value = strtoull(*text, &at, 16);
	if (at == *text || errno || at[0] != ' ' || !at[1] || at[2] != ' ')
		return false;
	name = at + 3;
	name[strcspn(name, " \t\r")] = 0;
	if (!*name)
		return false;
	symbols_add(s, value, (at[1] | 0x20) == 'a', name);
	*text = next;
	return true;
}

static bool read_lines(struct symbols *s, char *text, const char **what)
{
	static char message[64];
	unsigned line = 1;

	while (*text) {
		if (!take_line(s, &text)) {
			snprintf(message, sizeof(message), "line %u: ADDRESS TYPE NAME is expected", line);
			*what = message;
			return false;
		}
		line++;
	}
	return true;
}

/* ---- orders ---- */

static int by_name(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->value > y->value) - (x->value < y->value);
}

static int by_value(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->value != y->value ? (x->value > y->value) - (x->value < y->value) : strcmp(x->name, y->name);
}

/* True if every address is the slide's: the kernel hides them from users without rights. */
static bool are_hidden(const struct symbols *s)
{
	return s->of_value[0].value == s->of_value[s->n - 1].value && s->n > 1 && s->of_value[0].value == s->slide;
}

static bool sort(struct symbols *s, const char **what)
{
	*what = "no symbols";
	if (!s->n)
		return false;
	s->of_value = malloc(s->n * sizeof(*s->of_value));
	if (!s->of_value)
		exit(1);
	memcpy(s->of_value, s->of_name, s->n * sizeof(*s->of_value));
	qsort(s->of_name, s->n, sizeof(*s->of_name), by_name);
	qsort(s->of_value, s->n, sizeof(*s->of_value), by_value);
	*what = "all addresses are zero: the system hides them (kptr_restrict)";
	return !are_hidden(s);
}

struct symbols *symbols_open(const char *path, uint64_t slide)
{
	struct symbols *s = calloc(1, sizeof(*s));
	const char *what;
	size_t n;

	if (!s)
		exit(1);
	s->slide = slide;
	s->text = read_all(path, &n);
	if (s->text && (n > 4 && !memcmp(s->text, "\177ELF", 4) ? symbols_of_elf(s, s->text, n, &what) :
	                read_lines(s, s->text, &what)) && sort(s, &what))
		return s;
	if (s->text)
		message("%s: %s\n", path, what);
	symbols_close(s);
	return NULL;
}

void symbols_close(struct symbols *s)
{
	free(s->text);
	free(s->of_name);
	free(s->of_value);
	free(s);
}

/* ---- questions ---- */

bool symbols_named(const struct symbols *s, const char *name, unsigned i, uint64_t *value)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(s->of_name[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (i >= s->n - low || strcmp(s->of_name[low + i].name, name))
		return false;
	*value = s->of_name[low + i].value;
	return true;
}

const char *symbols_number(const struct symbols *s, unsigned i, uint64_t *value)
{
	if (i >= s->n)
		return NULL;
	*value = s->of_name[i].value;
	return s->of_name[i].name;
}

/* Symbols of the assembler and of mappings name no function. */
static bool is_a_name(const char *name)
{
	return *name != '$' && *name != '.';
}

bool symbols_at(const struct symbols *s, uint64_t va, const char **name, uint64_t *offset, uint64_t *size)
{
	size_t low = 0, high = s->n, next;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->of_value[middle].value <= va)
			low = middle + 1;
		else
			high = middle;
	}
	next = low;
	while (low && !is_a_name(s->of_value[low - 1].name))
		low--;
	if (!low || va - s->of_value[low - 1].value >= FAR)
		return false;
	/* Of several at one address the first in alphabetical order. */
	for (low--; low && s->of_value[low - 1].value == s->of_value[low].value && is_a_name(s->of_value[low - 1].name); )
		low--;
	while (next < s->n && !is_a_name(s->of_value[next].name))
		next++;
	*name = s->of_value[low].name;
	*offset = va - s->of_value[low].value;
	*size = next < s->n ? s->of_value[next].value - s->of_value[low].value : FAR;
	return true;
}
