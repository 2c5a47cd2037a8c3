/* hw/x86/i386/divide.c - 64-bit division, under the names that the compiler calls.
 * SPDX-License-Identifier: MIT
 *
 * The functions of libgcc expect arguments on the stack; this kernel passes them in registers (-mregparm=3).
 */
#include <stdint.h>

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);

/* Divides two digits of 32 bits by one. n >> 32 must be below d, otherwise DIV raises #DE; so d must not be 0. */
static inline uint32_t divide_digit(uint64_t n, uint32_t d, uint32_t *rest)
{
	uint32_t q;

	__asm__("divl %4" : "=a"(q), "=d"(*rest) : "a"((uint32_t)n), "d"((uint32_t)(n >> 32)), "rm"(d) : "cc");
	return q;
}

static uint64_t by_one_digit(uint64_t n, uint32_t d, uint64_t *rest)
{
	uint32_t high_rest, low_rest;
	uint32_t high = divide_digit(n >> 32, d, &high_rest);
	uint32_t low = divide_digit((uint64_t)high_rest << 32 | (uint32_t)n, d, &low_rest);

	*rest = low_rest;
	return (uint64_t)high << 32 | low;
}

/* Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D for one digit of quotient: with d shifted up until its
 * highest bit is set, the division by its upper digit alone gives an estimate that is exact or one too high. */
static uint64_t by_two_digits(uint64_t n, uint64_t d, uint64_t *rest)
{
	unsigned up = (unsigned)__builtin_clz((uint32_t)(d >> 32));
	uint32_t unused;
	uint64_t q = (uint64_t)divide_digit(n >> 1, (uint32_t)(d << up >> 32), &unused) << up >> 31;

	if (q)
		q--;            /* now exact or one too low */
	*rest = n - q * d;
	if (*rest >= d) {
		q++;
		*rest -= d;
	}
	return q;
}

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest)
{
	return d >> 32 ? by_two_digits(n, d, rest) : by_one_digit(n, (uint32_t)d, rest);
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
	uint64_t rest;

	return __udivmoddi4(n, d, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
	uint64_t rest;

	__udivmoddi4(n, d, &rest);
	return rest;
}
