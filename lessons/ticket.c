/* lessons/ticket.c - SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
 * SPDX-License-Identifier: MIT
 *
 * The key is part of the kernel image, so a ticket shows that a line was not edited by hand; it is no protection from a student who
 * takes the image apart. A teacher who needs that builds with a key of the course and grades from seeds that only the course has.
 */
#include "lessons/ticket.h"
#include "lib/string.h"

#ifndef LESSON_KEY
#define LESSON_KEY "pageturner"
#endif

struct sip { uint64_t v[4]; };

static uint64_t rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void rounds(struct sip *s, unsigned n)
{
	uint64_t *v = s->v;

	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void absorb(struct sip *s, uint64_t word)
{
	s->v[3] ^= word;
	rounds(s, 2);
	s->v[0] ^= word;
}

/* Up to eight bytes, the first one lowest. */
static uint64_t little_endian(const char *text, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n && i < 8; i++)
		word |= (uint64_t)(unsigned char)text[i] << (8 * i);
	return word;
}

/* The key: the first 16 bytes of LESSON_KEY, with zeros behind a shorter one. */
uint64_t ticket_hash(const char *text, size_t n)
{
	static const char key[] = LESSON_KEY;
	size_t length = sizeof(key) - 1;
	uint64_t k0 = little_endian(key, length), k1 = length > 8 ? little_endian(key + 8, length - 8) : 0;
	struct sip s = { { k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573 } };
	size_t at = 0;

	for (; at + 8 <= n; at += 8)
		absorb(&s, little_endian(text + at, 8));
	absorb(&s, little_endian(text + at, n - at) | (uint64_t)n << 56);
	s.v[2] ^= 0xFF;
	rounds(&s, 4);
	return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

void ticket_print(struct out *out, const char *text)
{
	out_printf(out, "%s hash=%016llx\n", text, (unsigned long long)ticket_hash(text, strlen(text)));
}
