/* inspect/real.c - floating-point numbers printed without floating point.
 * SPDX-License-Identifier: MIT
 *
 * A binary fraction m * 2^-n is the decimal m * 5^n / 10^n: one long integer gives all of its digits, so
 * the exact value is rounded. The longest number, the smallest double, has 767 digits.
 */
#include "inspect/real.h"
#include <stdbool.h>

#define LIMB       1000000000u   /* digits are kept nine at a time */
#define LIMB_TENS  9
#define LIMBS      90
#define PRECISION  6

struct big {
	unsigned n;
	uint32_t limb[LIMBS];        /* least significant first */
};

/* A decoded IEEE number; infinities and NaNs have a name instead. */
struct real {
	bool negative;
	uint64_t mantissa;
	int exponent;                /* value = mantissa * 2^exponent */
};

/* Six digits and the power of ten of the first one. */
struct decimal {
	char digit[PRECISION];
	int exponent;
};

static void big_multiply(struct big *b, uint32_t by)
{
	uint64_t carry = 0;

	for (unsigned i = 0; i < b->n || carry; i++) {
		uint64_t v = carry + (i < b->n ? (uint64_t)b->limb[i] * by : 0);

		b->limb[i] = (uint32_t)(v % LIMB);
		carry = v / LIMB;
		if (i == b->n)
			b->n++;
	}
}

/* Multiplies by base^n in steps of base^step = `factor`, which fits in a limb: 2^29 and 5^12 are the largest below 2^30. */
static void big_power(struct big *b, unsigned base, unsigned step, uint32_t factor, unsigned n)
{
	for (; n >= step; n -= step)
		big_multiply(b, factor);
	for (; n > 0; n--)
		big_multiply(b, base);
}

static void big_set(struct big *b, uint64_t v)
{
	for (b->n = 0; v; v /= LIMB)
		b->limb[b->n++] = (uint32_t)(v % LIMB);
}

/* Digit i from the right. */
static unsigned big_digit(const struct big *b, unsigned i)
{
	uint32_t limb = b->limb[i / LIMB_TENS];

	for (i %= LIMB_TENS; i > 0; i--)
		limb /= 10;
	return limb % 10;
}

static unsigned big_digits(const struct big *b)
{
	unsigned n = b->n * LIMB_TENS;

	while (n > 0 && big_digit(b, n - 1) == 0)
		n--;
	return n;
}

/* True if the `dropped` digits are more than half a unit of the last kept digit, or exactly half and that digit is odd. */
static bool rounds_up(const struct big *b, unsigned dropped, bool odd)
{
	unsigned first;

	if (dropped == 0)
		return false;
	first = big_digit(b, dropped - 1);
	if (first != 5)
		return first > 5;
	for (unsigned i = 0; i + 1 < dropped; i++)
		if (big_digit(b, i))
			return true;
	return odd;
}

static void increment(struct decimal *d)
{
	int i = PRECISION - 1;

	while (i >= 0 && d->digit[i] == '9')
		d->digit[i--] = '0';
	if (i >= 0) {
		d->digit[i]++;
		return;
	}
	d->digit[0] = '1';
	d->exponent++;
}

static void to_decimal(const struct real *r, struct decimal *d)
{
	struct big b;
	unsigned n;
	int fraction = r->exponent < 0 ? -r->exponent : 0;

	big_set(&b, r->mantissa);
	if (r->exponent < 0)
		big_power(&b, 5, 12, 244140625, (unsigned)fraction);
	else
		big_power(&b, 2, 29, 1u << 29, (unsigned)r->exponent);
	n = big_digits(&b);
	for (unsigned i = 0; i < PRECISION; i++)
		d->digit[i] = (char)('0' + (i < n ? big_digit(&b, n - 1 - i) : 0));
	d->exponent = (int)n - 1 - fraction;
	if (n > PRECISION && rounds_up(&b, n - PRECISION, d->digit[PRECISION - 1] & 1))
		increment(d);
}

/* Digits from..PRECISION-1 without trailing zeros, behind a point. */
static void put_fraction(struct out *out, const struct decimal *d, int from)
{
	int end = PRECISION;

	while (end > from && d->digit[end - 1] == '0')
		end--;
	if (end > from)
		out_printf(out, ".%.*s", end - from, d->digit + from);
}

static void put_decimal(struct out *out, const struct decimal *d)
{
	if (d->exponent < -4 || d->exponent >= PRECISION) {
		out_char(out, d->digit[0]);
		put_fraction(out, d, 1);
		out_printf(out, "e%c%03d", d->exponent < 0 ? '-' : '+', d->exponent < 0 ? -d->exponent : d->exponent);
	} else if (d->exponent >= 0) {
		out_printf(out, "%.*s", d->exponent + 1, d->digit);
		put_fraction(out, d, d->exponent + 1);
	} else {
		int end = PRECISION;

		while (d->digit[end - 1] == '0')
			end--;
		out_printf(out, "0.%.*s%.*s", -d->exponent - 1, "000", end, d->digit);
	}
}

static void put_real(struct out *out, const struct real *r)
{
	struct decimal d;

	out_puts(out, r->negative ? "-" : "");
	if (r->mantissa == 0) {
		out_char(out, '0');
		return;
	}
	to_decimal(r, &d);
	put_decimal(out, &d);
}

static void put_name(struct out *out, bool negative, uint64_t fraction, uint64_t quiet)
{
	const char *name = "QNAN";

	if (fraction == 0)
		name = "INF";
	else if (!(fraction & quiet))
		name = "SNAN";
	else if (negative && fraction == quiet)
		name = "IND";   /* the CPU's result of 0/0 */
	out_printf(out, "%s1.#%s", negative ? "-" : "", name);
}

void real_put_double(struct out *out, uint64_t bits)
{
	uint64_t fraction = bits & ((1ull << 52) - 1);
	int exponent = (int)(bits >> 52 & 0x7FF);
	struct real r = { bits >> 63, fraction, (exponent ? exponent : 1) - 1075 };

	if (exponent == 0x7FF) {
		put_name(out, r.negative, fraction, 1ull << 51);
		return;
	}
	if (exponent)
		r.mantissa |= 1ull << 52;
	put_real(out, &r);
}

void real_put_float(struct out *out, uint32_t bits)
{
	uint32_t fraction = bits & ((1u << 23) - 1);
	int exponent = (int)(bits >> 23 & 0xFF);
	struct real r = { bits >> 31, fraction, (exponent ? exponent : 1) - 150 };

	if (exponent == 0xFF) {
		put_name(out, r.negative, fraction ? fraction | 1u << 22 : 0, 1u << 22);
		return;
	}
	if (exponent)
		r.mantissa |= 1u << 23;
	put_real(out, &r);
}
