/* tests/host/arch/test_divide.c - the 64-bit division of the i386 kernel against this machine's own.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hw/x86/i386/divide.c"

static uint64_t rnd(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void check(uint64_t n, uint64_t d)
{
	uint64_t rest;

	assert_int_equal(__udivmoddi4(n, d, &rest), n / d);
	assert_int_equal(rest, n % d);
	assert_int_equal(__udivdi3(n, d), n / d);
	assert_int_equal(__umoddi3(n, d), n % d);
}

/* Around every power of two, where digits carry. */
static void test_edges(void **unused)
{
	(void)unused;
	for (unsigned a = 0; a < 64; a++)
		for (unsigned b = 0; b < 64; b++)
			for (int i = -1; i <= 1; i++)
				for (int k = -1; k <= 1; k++) {
					uint64_t n = (1ull << a) + (uint64_t)(int64_t)i, d = (1ull << b) + (uint64_t)(int64_t)k;

					if (d)
						check(n, d);
				}
	check(UINT64_MAX, 1);
	check(UINT64_MAX, UINT64_MAX);
	check(0, UINT64_MAX);
}

/* Of every length, so that quotients are of every length, too. */
static void test_random(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 1000000; i++) {
		uint64_t n = rnd() >> rnd() % 64, d = rnd() >> rnd() % 64;

		if (d)
			check(n, d);
		if (d && n / d)
			check(n / d * d, d);    /* no rest */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_edges), cmocka_unit_test(test_random) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
