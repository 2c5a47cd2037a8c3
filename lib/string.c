/* lib/string.c - the ISO C memory and string routines of the freestanding build.
 * SPDX-License-Identifier: MIT
 *
 * The compiler emits calls to memcpy, memmove, memset and memcmp of its own accord, so they must
 * exist, and none of them may be compiled into a call to itself.
 */
#include "lib/string.h"

/* Else a loop that looks like memset or strlen becomes a call of memset or strlen: endless recursion here. Clang leaves
 * such loops alone with -ffreestanding. */
#ifndef __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

/* May alias any type: whole machine words are moved where both sides are aligned alike. */
typedef uintptr_t __attribute__((may_alias)) word_t;
#define WORD sizeof(word_t)

static bool aligned_alike(const void *a, const void *b)
{
	return (((uintptr_t)a ^ (uintptr_t)b) & (WORD - 1)) == 0;
}

static bool word_aligned(const void *p)
{
	return ((uintptr_t)p & (WORD - 1)) == 0;
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (aligned_alike(d, s)) {
		for (; n && !word_aligned(d); n--)
			*d++ = *s++;
		for (; n >= 4 * WORD; n -= 4 * WORD, d += 4 * WORD, s += 4 * WORD) {
			word_t *to = (word_t *)(void *)d;
			const word_t *from = (const word_t *)(const void *)s;

			/* One after the other, as memmove relies on. */
			to[0] = from[0];
			to[1] = from[1];
			to[2] = from[2];
			to[3] = from[3];
		}
		for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
			*(word_t *)(void *)d = *(const word_t *)(const void *)s;
	}
	for (; n; n--)
		*d++ = *s++;
	return dst;
}

/* From the top down: for a destination that overlaps the end of its source. */
static void copy_backwards(unsigned char *d, const unsigned char *s, size_t n)
{
	d += n;
	s += n;
	if (aligned_alike(d, s)) {
		for (; n && !word_aligned(d); n--)
			*--d = *--s;
		for (; n >= WORD; n -= WORD) {
			d -= WORD;
			s -= WORD;
			*(word_t *)(void *)d = *(const word_t *)(const void *)s;
		}
	}
	for (; n; n--)
		*--d = *--s;
}

void *memmove(void *dst, const void *src, size_t n)
{
	/* As integers: comparing pointers into different objects is undefined. dst below src: memcpy reads
	 * each word before it writes it and never writes ahead of what it still has to read. */
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		return memcpy(dst, src, n);
	copy_backwards(dst, src, n);
	return dst;
}

void *memset(void *dst, int byte, size_t n)
{
	unsigned char *d = dst;
	word_t pattern = (word_t)-1 / 0xff * (unsigned char)byte;

	for (; n && !word_aligned(d); n--)
		*d++ = (unsigned char)byte;
	for (; n >= 4 * WORD; n -= 4 * WORD, d += 4 * WORD) {
		word_t *to = (word_t *)(void *)d;

		to[0] = to[1] = to[2] = to[3] = pattern;
	}
	for (; n >= WORD; n -= WORD, d += WORD)
		*(word_t *)(void *)d = pattern;
	for (; n; n--)
		*d++ = (unsigned char)byte;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n && *x == *y; n--) {
		x++;
		y++;
	}
	return n ? *x - *y : 0;
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return (size_t)(end - s);
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; n--) {
		a++;
		b++;
	}
	return n ? (unsigned char)*a - (unsigned char)*b : 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}
