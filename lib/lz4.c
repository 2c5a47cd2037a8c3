/* lib/lz4.c - the block format of LZ4: compression and decompression of one block.
 * SPDX-License-Identifier: MIT
 */
#include "lib/lz4.h"
#include "lib/string.h"

#define MATCH_MIN   4u      /* bytes of the shortest match */
#define LITERALS_AT_END 5u
#define MATCH_LIMIT 12u     /* no match begins in the last so many bytes */
#define LENGTH_MAX  15u     /* of a half of the token; more bytes of length follow */

/* ---- compression ---- */

struct output { uint8_t *at, *end; bool full; };

static void put(struct output *o, uint8_t byte)
{
	if (o->at == o->end) {
		o->full = true;
		return;
	}
	*o->at++ = byte;
}

/* What a half of the token cannot hold: bytes of 255, then the rest. */
static void put_length(struct output *o, size_t rest)
{
	for (; rest >= 255; rest -= 255)
		put(o, 255);
	put(o, (uint8_t)rest);
}

static void put_literals(struct output *o, const uint8_t *from, size_t n, unsigned match_half)
{
	put(o, (uint8_t)((n < LENGTH_MAX ? n : LENGTH_MAX) << 4 | match_half));
	if (n >= LENGTH_MAX)
		put_length(o, n - LENGTH_MAX);
	if (n > (size_t)(o->end - o->at)) {
		o->full = true;
		return;
	}
	memcpy(o->at, from, n);
	o->at += n;
}

static void put_sequence(struct output *o, const uint8_t *from, size_t literals, size_t offset, size_t match)
{
	size_t half = match - MATCH_MIN;

	put_literals(o, from, literals, (unsigned)(half < LENGTH_MAX ? half : LENGTH_MAX));
	put(o, (uint8_t)offset);
	put(o, (uint8_t)(offset >> 8));
	if (half >= LENGTH_MAX)
		put_length(o, half - LENGTH_MAX);
}

static uint32_t word_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Knuth's multiplicative hash, to 12 bits. */
static unsigned hash(uint32_t word)
{
	return word * 2654435761u >> 20;
}

/* Length of the match of the bytes at `at` with those at `earlier`, not into the literals at the end. */
static size_t match_length(const uint8_t *s, size_t earlier, size_t at, size_t n)
{
	size_t length = MATCH_MIN;

	while (at + length < n - LITERALS_AT_END && s[earlier + length] == s[at + length])
		length++;
	return length;
}

/* Greedy: takes the last position with the same four bytes. The table's contents are only guesses, so it needs no initialisation:
 * a position counts if it is below and has the same bytes. */
size_t lz4_compress(const void *source, size_t n, void *block, size_t room, uint16_t *table)
{
	const uint8_t *s = source;
	struct output o = { block, (uint8_t *)block + room, false };
	size_t at = 0, done = 0;

	if (n == 0 || n > LZ4_SOURCE_MAX)
		return 0;
	while (!o.full && at + MATCH_LIMIT < n) {
		uint32_t word = word_at(s + at);
		size_t earlier = table[hash(word)], length;

		table[hash(word)] = (uint16_t)at;
		if (earlier >= at || word_at(s + earlier) != word) {
			at++;
			continue;
		}
		length = match_length(s, earlier, at, n);
		put_sequence(&o, s + done, at - done, at - earlier, length);
		at += length;
		done = at;
	}
	put_literals(&o, s + done, n - done, 0);
	return o.full ? 0 : (size_t)(o.at - (uint8_t *)block);
}

/* ---- decompression ---- */

struct input { const uint8_t *at, *end; };

/* Adds the bytes of length behind a token whose half is full. False: the block ends. */
static bool read_length(struct input *in, size_t *length)
{
	uint8_t byte;

	if (*length < LENGTH_MAX)
		return true;
	do {
		if (in->at == in->end)
			return false;
		byte = *in->at++;
		*length += byte;
	} while (byte == 255);
	return true;
}

static bool copy_literals(struct input *in, size_t n, uint8_t **to, const uint8_t *to_end)
{
	if (n > (size_t)(in->end - in->at) || n > (size_t)(to_end - *to))
		return false;
	memcpy(*to, in->at, n);
	in->at += n;
	*to += n;
	return true;
}

/* Byte by byte: a match may overlap what it makes, and then repeats it. */
static bool copy_match(struct input *in, size_t half, uint8_t *begin, uint8_t **to, const uint8_t *to_end)
{
	size_t offset;

	if (in->end - in->at < 2)
		return false;
	offset = in->at[0] | (size_t)in->at[1] << 8;
	in->at += 2;
	if (!read_length(in, &half) || !offset || offset > (size_t)(*to - begin) || half + MATCH_MIN > (size_t)(to_end - *to))
		return false;
	for (size_t i = 0; i < half + MATCH_MIN; i++, ++*to)
		**to = *(*to - offset);
	return true;
}

bool lz4_decompress(const void *block, size_t n, void *out, size_t size)
{
	struct input in = { block, (const uint8_t *)block + n };
	uint8_t *begin = out, *to = out, *end = begin + size;

	while (in.at < in.end) {
		uint8_t token = *in.at++;
		size_t literals = token >> 4;

		if (!read_length(&in, &literals) || !copy_literals(&in, literals, &to, end))
			return false;
		/* The last sequence has literals only. */
		if (in.at == in.end)
			return to == end && (token & LENGTH_MAX) == 0;
		if (!copy_match(&in, token & LENGTH_MAX, begin, &to, end))
			return false;
	}
	return false;
}
