/* shell/look/values.c - bytes and ranges as arguments, for the commands that read, compare, search or store memory.
 * SPDX-License-Identifier: MIT
 */
#include "shell/look/values.h"
#include "lib/string.h"

/* Bytes that are read at once. */
#define CHUNK 256u

/* Little-endian, as every architecture here stores; of a signed value the low bytes are the same. */
static void put_value(unsigned char *to, unsigned item, uint64_t value)
{
	for (unsigned i = 0; i < item; i++)
		to[i] = (unsigned char)(value >> (8 * i));
}

/* A value may be signed or unsigned: it fits if its upper bits are all zero or all equal to its sign
 * bit. The text before the value is kept in `at`, for the caret. */
size_t call_values(struct call *c, unsigned item, unsigned char *bytes)
{
	size_t n = 0;
	uint64_t value;
	const char *at = c->rest;

	while (call_next(c, &value)) {
		if (item < 8 && value >> (8 * item) && ~value >> (8 * item - 1)) {
			call_fail_at(c, at, "does not fit in %u bytes", item);
			return 0;
		}
		if (n == (size_t)MOST_VALUES * item) {
			call_fail_at(c, at, "at most %u values", MOST_VALUES);
			return 0;
		}
		put_value(bytes + n, item, value);
		n += item;
		at = c->rest;
	}
	if (n == 0 && !c->failed)
		call_fail(c, COMMAND_ARGS, "expected a value");
	return c->failed ? 0 : n;
}

/* What `s` searches for: values, or the characters of a text without a zero behind them. 0: an error was printed, since no
 * pattern is empty. */
size_t call_pattern(struct call *c, bool text, unsigned item, unsigned char *bytes)
{
	const char *word;
	size_t at, n;

	if (!text)
		return call_values(c, item, bytes);
	if (!call_next_word(c, &word, &at) || !*word) {
		call_fail(c, COMMAND_ARGS, "expected a text");
		return 0;
	}
	if (!call_end(c))
		return 0;
	n = strlen(word);
	if (n > MOST_VALUES) {
		call_fail(c, COMMAND_ARGS, "at most %u characters", MOST_VALUES);
		return 0;
	}
	memcpy(bytes, word, n);
	return n;
}

/* Commands with two ranges have no length of their own: without L the whole of memory would be compared. */
bool call_bytes(struct call *c, uint64_t *n)
{
	if (!c->arg[1].given) {
		call_fail(c, 1, "expected L COUNT or the end of the range");
		return false;
	}
	return call_range(c, 0, 1, 0, n);
}

/* Reads the range and drops the bytes: this also finds mapped pages without memory behind them. */
bool target_readable(const struct target *t, uint64_t va, uint64_t n)
{
	unsigned char bytes[CHUNK];

	for (uint64_t done = 0; done < n; done += CHUNK) {
		uint64_t part = n - done < CHUNK ? n - done : CHUNK;

		if (target_read_virt(t, va + done, bytes, (size_t)part) != OK)
			return false;
	}
	return va + n >= va;
}

/* Only for names that the program itself contains: a name that is not in the table does not end the search. */
const struct dump_format *dump_format_named(const char *name)
{
	const struct dump_format *f = dump_formats;

	while (strcmp(f->name, name))
		f++;
	return f;
}
