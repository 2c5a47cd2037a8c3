/* tests/host/inspect/test_formats.c - .formats against published output, libc's printf and libc's calendar.
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE
#include "inspect/formats.h"
#include "inspect/real.h"
#include "tests/host/inspect/fixture.h"
#include <math.h>
#include <time.h>

static uint64_t seed = 0x9E3779B97F4A7C15;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545F4914F6CDD1D;
}

/* libc's %g with the exponent widened to three digits. */
static void libc_g(double v, char *text, size_t size)
{
	char *e;

	snprintf(text, size, "%g", v);
	e = strchr(text, 'e');
	if (e && strlen(e) == 4) {
		memmove(e + 3, e + 2, 3);
		e[2] = '0';
	}
}

static void check_double(struct fake *f, uint64_t bits)
{
	char want[64];
	double v;

	memcpy(&v, &bits, 8);
	if (!isfinite(v))
		return;
	libc_g(v, want, sizeof(want));
	real_put_double(fake_out(f), bits);
	check_text(f->text, want);
}

static void check_float(struct fake *f, uint32_t bits)
{
	char want[64];
	float v;

	memcpy(&v, &bits, 4);
	if (!isfinite(v))
		return;
	libc_g((double)v, want, sizeof(want));
	real_put_float(fake_out(f), bits);
	check_text(f->text, want);
}

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, 8);
	return bits;
}

static void test_reals_as_libc(void **state)
{
	/* Ties to even, carries through all digits, both borders of the fixed notation, the ends of the range. */
	static const double odd[] = {
		0, -0.0, 1, -1, 0.5, 100000, 999999, 999999.5, 1000000, 0.0001, 0.00001, 0.00009999995, 9.999995,
		1234565, 1234575, 100000.5, 100001.5, 2.5e-5, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
		8589973504, 4503599627370497.5, 0.1, 0.3, 123456.5, 123457.5,
	};
	static struct fake f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		check_double(&f, bits_of(odd[i]));
	for (unsigned i = 0; i < 6000; i++) {
		check_double(&f, random64());
		check_float(&f, (uint32_t)random64());
		/* Short ones: integers, halves and hundredths, where ties and trailing zeros are. */
		check_double(&f, bits_of((double)(random64() % 20000000) / 2));
		check_double(&f, bits_of((double)(random64() % 1000000) / 1024 / (double)(1u << random64() % 20)));
		check_float(&f, (uint32_t)(random64() % 64) << 23 | (uint32_t)(random64() % 8) << 20);
	}
}

static void test_names(void **state)
{
	static const struct { uint64_t bits; const char *as_double; } doubles[] = {
		{ 0x7FF0000000000000, "1.#INF" }, { 0xFFF0000000000000, "-1.#INF" },
		{ 0x7FF8000000000000, "1.#QNAN" }, { 0xFFF8000000000000, "-1.#IND" },
		{ 0xFFFFFFFFFFFFFFFF, "-1.#QNAN" }, { 0x7FF0000000000001, "1.#SNAN" },
	};
	static struct fake f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(doubles); i++) {
		real_put_double(fake_out(&f), doubles[i].bits);
		check_text(f.text, doubles[i].as_double);
	}
	real_put_float(fake_out(&f), 0x7F800001);
	check_text(f.text, "1.#QNAN");
	real_put_float(fake_out(&f), 0xFFC00000);
	check_text(f.text, "-1.#IND");
}

static void test_times_as_libc(void **state)
{
	static struct fake f;
	char want[128], day[64];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t v = i < 100 ? i * 86399 * 365 : (uint32_t)random64();
		uint64_t ft = random64() >> (1 + i % 24);
		time_t seconds = (time_t)v;
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(want, sizeof(want), "%a %b %d %H:%M:%S %Y", &tm);
		windbg_time(fake_out(&f), v, i & 1);
		check_text(f.text, want);
		if (!(ft >> 32))
			continue;
		seconds = (time_t)(ft / 10000000) - 11644473600;
		gmtime_r(&seconds, &tm);
		strftime(day, sizeof(day), "%a %b %e %H:%M:%S", &tm);
		snprintf(want, sizeof(want), "%s.%03u %d (UTC + 0:00)", day, (unsigned)(ft / 10000 % 1000),
		         tm.tm_year + 1900);
		windbg_time(fake_out(&f), ft, true);
		check_text(f.text, want);
	}
	windbg_time(fake_out(&f), 0xFFFFFFFFC0000005, false);
	check_text(f.text, "***** Invalid");
	windbg_time(fake_out(&f), 0xFFFFF80002C9A000, true);
	check_text(f.text, "***** Invalid FILETIME");
}

/* Published output, its local time turned into UTC, and the values of the worked example. */
static const struct { uint64_t value; const char *text; } narrow[] = {
	{ 0x1c407e62, "Evaluate expression:\n"
	  "  Hex:     1c407e62\n"
	  "  Decimal: 473988706\n"
	  "  Octal:   03420077142\n"
	  "  Binary:  00011100 01000000 01111110 01100010\n"
	  "  Chars:   .@~b\n"
	  "  Time:    Mon Jan 07 23:31:46 1985\n"
	  "  Float:   low 6.36908e-022 high 0\n"
	  "  Double:  2.34182e-315\n" },
	{ 0x12f980, "Evaluate expression:\n"
	  "  Hex:     0012f980\n"
	  "  Decimal: 1243520\n"
	  "  Octal:   00004574600\n"
	  "  Binary:  00000000 00010010 11111001 10000000\n"
	  "  Chars:   ....\n"
	  "  Time:    Thu Jan 15 09:25:20 1970\n"
	  "  Float:   low 1.74254e-039 high 0\n"
	  "  Double:  6.14381e-318\n" },
	{ 0xffffffffffffffff, "Evaluate expression:\n"
	  "  Hex:     ffffffff\n"
	  "  Decimal: -1\n"
	  "  Octal:   37777777777\n"
	  "  Binary:  11111111 11111111 11111111 11111111\n"
	  "  Chars:   ....\n"
	  "  Time:    ***** Invalid\n"
	  "  Float:   low -1.#QNAN high -1.#QNAN\n"
	  "  Double:  -1.#QNAN\n" },
};

static void test_published(void **state)
{
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	for (size_t i = 0; i < ARRAY_LEN(narrow); i++) {
		windbg_formats(fake_out(&f), &f.t, narrow[i].value);
		check_text(f.text, narrow[i].text);
	}
	/* A positive number of 32 bits, and one that has more. */
	windbg_formats(fake_out(&f), &f.t, 0x80000000);
	assert_non_null(strstr(f.text, "\n  Hex:     80000000\n  Decimal: 2147483648\n"));
	windbg_formats(fake_out(&f), &f.t, 0x12341c407e62);
	assert_non_null(strstr(f.text, "\n  Hex:     00001234`1c407e62\n  Decimal: 20015"));
	windbg_formats(fake_out(&f), &f.t, 0x8054099e);
	assert_non_null(strstr(f.text, "\n  Binary:  10000000 01010100 00001001 10011110\n"));
	windbg_formats(fake_out(&f), &f.t, 0x4009e3 & 0xFFF);
	assert_non_null(strstr(f.text, "\n  Binary:  00000000 00000000 00001001 11100011\n"));
	windbg_formats(fake_out(&f), &f.t, 0x4009e3 & 0xFFF00000);
	assert_non_null(strstr(f.text, "\n  Binary:  00000000 01000000 00000000 00000000\n"));
	windbg_formats(fake_out(&f), &f.t, 0x54099e);
	assert_non_null(strstr(f.text, "\n  Hex:     0054099e\n"));
	/* A linker time stamp of the first transcript, which shows it three hours east. */
	windbg_formats(fake_out(&f), &f.t, 0x50a8fbd6);
	assert_non_null(strstr(f.text, "\n  Time:    Sun Nov 18 15:16:38 2012\n"));
	fake_free(&f);
}

static void test_wide(void **state)
{
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	windbg_formats(fake_out(&f), &f.t, 0xfffff80002c9a000);
	check_text(f.text, "Evaluate expression:\n"
	           "  Hex:     fffff800`02c9a000\n"
	           "  Decimal: -8796046254080\n"
	           "  Octal:   1777777600000262320000\n"
	           "  Binary:  11111111 11111111 11111000 00000000 00000010 11001001 10100000 00000000\n"
	           "  Chars:   ........\n"
	           "  Time:    ***** Invalid FILETIME\n"
	           "  Float:   low 2.96261e-037 high -1.#QNAN\n"
	           "  Double:  -1.#QNAN\n");
	windbg_formats(fake_out(&f), &f.t, 0x41424344c0000005);
	assert_non_null(strstr(f.text, "\n  Chars:   ABCD....\n"));
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reals_as_libc),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_times_as_libc),
		cmocka_unit_test(test_published),
		cmocka_unit_test(test_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
