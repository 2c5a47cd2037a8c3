/* tests/host/lib/test_printf.c - lib/printf.c against libc's snprintf, and struct out by hand.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/err.h"
#include "lib/out.h"

#define ROUNDS 60000

/* The formats are made at run time: the compiler cannot check them, and need not. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Few bits as often as many, and the ends of the range often. */
static uint64_t rnd_value(void)
{
	static const uint64_t edges[] = {
		0, 1, 7, 8, 9, 10, 99, 127, 128, 255, 32767, 32768, 65535, INT32_MAX, 0x80000000, UINT32_MAX,
		0x100000000, INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX,
	};

	if (rnd() % 4 == 0)
		return edges[rnd() % (sizeof(edges) / sizeof(edges[0]))];
	return rnd() >> rnd() % 64;
}

static size_t add_flags_and_width(char *f, size_t n)
{
	while (rnd() % 2)
		f[n++] = "-0+ #"[rnd() % 5];
	if (rnd() % 2)
		n += (size_t)sprintf(f + n, "%u", 1 + (unsigned)(rnd() % 30));
	if (rnd() % 3 == 0)
		n += (size_t)sprintf(f + n, rnd() % 6 ? ".%u" : ".", (unsigned)(rnd() % 26));
	return n;
}

static void compare_text(const char *format, const char *ours, int our_length, const char *libc, int libc_length)
{
	if (strcmp(ours, libc) != 0 || our_length != libc_length)
		fail_msg("%s: ours \"%s\" (%d), libc \"%s\" (%d)", format, ours, our_length, libc, libc_length);
}

static void test_integers_agree_with_libc(void **state)
{
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "z", "j", "t" };
	static const char conversions[] = "diuxXo";

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		char format[64] = "<%", ours[128], libc[128];
		size_t length = rnd() % 8;
		char conversion = conversions[rnd() % 6];
		size_t n = add_flags_and_width(format, 2);
		uint64_t v = rnd_value();
		int a, b;

		sprintf(format + n, "%s%c>", lengths[length], conversion);
		if (length < 3) {
			a = str_printf(ours, sizeof(ours), format, (int)v);
			b = snprintf(libc, sizeof(libc), format, (int)v);
		} else {
			a = str_printf(ours, sizeof(ours), format, v);
			b = snprintf(libc, sizeof(libc), format, v);
		}
		compare_text(format, ours, a, libc, b);
	}
}

static void test_strings_and_characters_agree_with_libc(void **state)
{
	static const char *const texts[] = { "", "x", "pageturner", "a much longer text than any width" };

	(void)state;
	for (int round = 0; round < ROUNDS / 4; round++) {
		char format[64] = "%", ours[128], libc[128];
		const char *text = texts[rnd() % 4];
		int width = (int)(rnd() % 41) - 20, precision = (int)(rnd() % 14) - 3, a, b;

		sprintf(format, "[%%%s*.*s|%%%s*c|%%%%]", rnd() % 2 ? "-" : "", rnd() % 2 ? "-" : "");
		a = str_printf(ours, sizeof(ours), format, width, precision, text, width, 'q');
		b = snprintf(libc, sizeof(libc), format, width, precision, text, width, 'q');
		compare_text(format, ours, a, libc, b);
	}
}

static void test_star_width_and_precision_of_numbers(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS / 4; round++) {
		static const char *const formats[] = { "%*.*d", "%-*.*x", "%0*.*u", "%#*.*o", "%+*.*i", "%#0*.*X" };
		const char *format = formats[rnd() % 6];
		int width = (int)(rnd() % 41) - 20, precision = (int)(rnd() % 24) - 4;
		unsigned v = (unsigned)rnd_value();
		char ours[128], libc[128];
		int a = str_printf(ours, sizeof(ours), format, width, precision, v);
		int b = snprintf(libc, sizeof(libc), format, width, precision, v);

		compare_text(format, ours, a, libc, b);
	}
}

/* An unterminated string is fine when a precision bounds it; the sanitizer watches. */
static void test_precision_bounds_the_read(void **state)
{
	char *raw = malloc(4), text[16];

	(void)state;
	memcpy(raw, "abcd", 4);
	assert_int_equal(str_printf(text, sizeof(text), "%.4s", raw), 4);
	assert_string_equal(text, "abcd");
	free(raw);
}

static void test_truncation_agrees_with_libc(void **state)
{
	(void)state;
	for (size_t size = 0; size < 24; size++) {
		char ours[32], libc[32];
		int a, b;

		memset(ours, '#', sizeof(ours));
		memset(libc, '#', sizeof(libc));
		a = str_printf(ours, size, "%s=%06x!", "entry", 0xabc);
		b = snprintf(libc, size, "%s=%06x!", "entry", 0xabc);
		assert_int_equal(a, b);
		assert_memory_equal(ours, libc, sizeof(ours));
	}
}

static void expect(const char *want, const char *format, ...)
{
	char text[128];
	struct out_buf b;
	va_list ap;

	out_buf_init(&b, text, sizeof(text));
	va_start(ap, format);
	assert_int_equal(out_vprintf(&b.out, format, ap), (int)strlen(want));
	va_end(ap);
	assert_string_equal(text, want);
}

/* Where ISO leaves the choice to us, or says "undefined". */
static void test_what_is_ours(void **state)
{
	(void)state;
	expect("(null)", "%s", (char *)NULL);
	expect("0x0", "%p", NULL);
	expect("0xc0001000", "%p", (void *)(uintptr_t)0xc0001000);
	expect("      0x1f", "%10p", (void *)(uintptr_t)0x1f);
	expect("%q 5", "%q %d", 5);
	expect("%-7.2lk", "%-7.2lk");
	expect("100%", "100%");
	expect("a%08", "a%08");
}

static void test_columns(void **state)
{
	char text[64];
	struct out_buf b;

	(void)state;
	out_buf_init(&b, text, sizeof(text));
	out_puts(&b.out, "ab");
	assert_int_equal(b.out.column, 2);
	out_pad_to(&b.out, 5);
	out_char(&b.out, '|');
	out_pad_to(&b.out, 3);
	out_printf(&b.out, "%d\nxy\nz", 7);
	assert_int_equal(b.out.column, 1);
	out_char(&b.out, '\n');
	assert_int_equal(b.out.column, 0);
	assert_string_equal(text, "ab   |7\nxy\nz\n");
	assert_int_equal(b.length, strlen(text));
}

static void test_full_buffer_counts_on(void **state)
{
	char text[6];
	struct out_buf b;

	(void)state;
	out_buf_init(&b, text, sizeof(text));
	for (int i = 0; i < 40; i++)
		out_printf(&b.out, "%x", i & 15);
	assert_string_equal(text, "01234");
	assert_int_equal(b.length, 40);
	assert_int_equal(b.out.column, 40);
}

static void test_every_error_has_its_own_text(void **state)
{
	(void)state;
	for (int i = OK; i <= ERR_ACCESS; i++)
		for (int j = OK; j < i; j++)
			assert_string_not_equal(err_text((err_t)i), err_text((err_t)j));
	assert_string_equal(err_text((err_t)(ERR_ACCESS + 1)), "unknown error");
	assert_string_equal(err_text(ERR_NO_MEMORY), "out of memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers_agree_with_libc),
		cmocka_unit_test(test_strings_and_characters_agree_with_libc),
		cmocka_unit_test(test_star_width_and_precision_of_numbers),
		cmocka_unit_test(test_precision_bounds_the_read),
		cmocka_unit_test(test_truncation_agrees_with_libc),
		cmocka_unit_test(test_what_is_ours),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_full_buffer_counts_on),
		cmocka_unit_test(test_every_error_has_its_own_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
