/* tests/host/lib/test_string.c - the freestanding string.c and str.c against libc.
 * SPDX-License-Identifier: MIT
 *
 * string.c is compiled into this program under other names, so that both stand side by side.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#define memcpy  kernel_memcpy
#define memmove kernel_memmove
#define memset  kernel_memset
#define memcmp  kernel_memcmp
#define strlen  kernel_strlen
#define strcmp  kernel_strcmp
#define strncmp kernel_strncmp
#define strchr  kernel_strchr
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strcmp
#undef strncmp
#undef strchr

#define AREA 96

static unsigned state = 12345;

static unsigned rnd(unsigned below)
{
	state = state * 1103515245u + 12345u;
	return (state >> 16) % below;
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void fill_random(unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)rnd(256);
}

/* All offsets inside a word on both sides, and all lengths around it: nothing outside may change. */
static void test_memcpy(void **unused)
{
	unsigned char from[AREA], ours[AREA], libc[AREA];

	(void)unused;
	for (size_t to = 0; to < 9; to++)
		for (size_t at = 0; at < 9; at++)
			for (size_t n = 0; n < 80; n++) {
				fill_random(from, AREA);
				fill_random(ours, AREA);
				memcpy(libc, ours, AREA);
				assert_ptr_equal(kernel_memcpy(ours + to, from + at, n), ours + to);
				memcpy(libc + to, from + at, n);
				assert_memory_equal(ours, libc, AREA);
			}
}

static void test_memmove_overlapping(void **unused)
{
	unsigned char ours[AREA], libc[AREA];

	(void)unused;
	for (size_t to = 0; to < 20; to++)
		for (size_t at = 0; at < 20; at++)
			for (size_t n = 0; n < 70; n++) {
				fill_random(ours, AREA);
				memcpy(libc, ours, AREA);
				assert_ptr_equal(kernel_memmove(ours + to, ours + at, n), ours + to);
				memmove(libc + to, libc + at, n);
				assert_memory_equal(ours, libc, AREA);
			}
}

static void test_memset(void **unused)
{
	unsigned char ours[AREA], libc[AREA];

	(void)unused;
	for (size_t to = 0; to < 9; to++)
		for (size_t n = 0; n < 80; n++) {
			int byte = (int)rnd(1024) - 512;

			fill_random(ours, AREA);
			memcpy(libc, ours, AREA);
			assert_ptr_equal(kernel_memset(ours + to, byte, n), ours + to);
			memset(libc + to, byte, n);
			assert_memory_equal(ours, libc, AREA);
		}
}

/* Words over a small alphabet, with bytes above 127 in it: long common beginnings are frequent. */
static char *random_word(void)
{
	size_t n = rnd(12);
	char *word = malloc(n + 1);

	for (size_t i = 0; i < n; i++)
		word[i] = "aAb\xe4z["[rnd(6)];
	word[n] = '\0';
	return word;
}

static bool libc_starts(const char *s, const char *prefix)
{
	return strstr(s, prefix) == s;
}

/* Exactly as large as needed on the heap: a read past the end is seen by the sanitizer. */
static void test_words(void **unused)
{
	(void)unused;
	for (int round = 0; round < 40000; round++) {
		char *a = random_word(), *b = random_word();
		size_t n = rnd(14), shorter = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
		int c = "aAb\xe4z[x"[rnd(8)];

		assert_int_equal(kernel_strlen(a), strlen(a));
		assert_int_equal(sign(kernel_strcmp(a, b)), sign(strcmp(a, b)));
		assert_int_equal(sign(kernel_strncmp(a, b, n)), sign(strncmp(a, b, n)));
		assert_int_equal(sign(kernel_memcmp(a, b, shorter)), sign(memcmp(a, b, shorter)));
		assert_ptr_equal(kernel_strchr(a, c), strchr(a, c));
		assert_int_equal(sign(str_casecmp(a, b)), sign(strcasecmp(a, b)));
		assert_int_equal(str_starts(a, b), libc_starts(a, b));
		free(a);
		free(b);
	}
}

static void test_str_copy(void **unused)
{
	(void)unused;
	for (int round = 0; round < 5000; round++) {
		char *from = random_word(), ours[16], libc[16];
		size_t size = 1 + rnd(15), n = strlen(from), kept = n < size ? n : size - 1;

		memset(ours, '#', sizeof(ours));
		memset(libc, '#', sizeof(libc));
		memcpy(libc, from, kept);
		libc[kept] = '\0';
		assert_int_equal(str_copy(ours, from, size), n);
		assert_memory_equal(ours, libc, sizeof(ours));
		free(from);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memcpy),
		cmocka_unit_test(test_memmove_overlapping),
		cmocka_unit_test(test_memset),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_str_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
