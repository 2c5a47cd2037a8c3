/* lib/str.c - our own string helpers, the same on the host and in the kernel.
 * SPDX-License-Identifier: MIT
 *
 * Apart from string.c, because host builds take the ISO routines from libc.
 */
#include "lib/string.h"

size_t str_copy(char *dst, const char *src, size_t size)
{
	size_t length = strlen(src);
	size_t kept = length < size ? length : size - 1;

	memcpy(dst, src, kept);
	dst[kept] = '\0';
	return length;
}

static int lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

int str_casecmp(const char *a, const char *b)
{
	while (*a && lower((unsigned char)*a) == lower((unsigned char)*b)) {
		a++;
		b++;
	}
	return lower((unsigned char)*a) - lower((unsigned char)*b);
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}
