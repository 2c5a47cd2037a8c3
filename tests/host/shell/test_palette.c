/* tests/host/shell/test_palette.c - the colours of a picture can be told apart with every kind of vision, and read.
 * SPDX-License-Identifier: MIT
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "shell/picture/palette.h"

struct colour { double v[3]; };

/* xterm's table, in linear light. */
static struct colour light(unsigned index)
{
	static const double level[6] = { 0, 95, 135, 175, 215, 255 };
	unsigned cube = index - 16;
	double grey = 8 + 10.0 * (index - 232.0);
	struct colour c = { { level[cube / 36 % 6], level[cube / 6 % 6], level[cube % 6] } };

	for (unsigned i = 0; i < 3; i++) {
		double s = (index >= 232 ? grey : c.v[i]) / 255;

		c.v[i] = s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4);
	}
	return c;
}

/* Usual vision, then Machado, Oliveira and Fernandes (2009), severity 1: protanopia, deuteranopia, tritanopia. */
static const double vision[4][3][3] = {
	{ { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
	{ { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 } },
	{ { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } },
	{ { 1.255528, -0.076749, -0.178779 }, { -0.078411, 0.930809, 0.147602 }, { 0.004733, 0.691367, 0.303900 } },
};

static struct colour multiply(const double m[3][3], struct colour c)
{
	struct colour to;

	for (unsigned i = 0; i < 3; i++) {
		double sum = m[i][0] * c.v[0] + m[i][1] * c.v[1] + m[i][2] * c.v[2];

		to.v[i] = sum < 0 ? 0 : sum > 1 ? 1 : sum;
	}
	return to;
}

/* CIE 1976 L*a*b*, white point D65. */
static struct colour lab(struct colour c)
{
	static const double xyz[3][3] = {
		{ 0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505 }, { 0.2126, 0.7152, 0.0722 },
		{ 0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089 },
	};
	struct colour t = multiply(xyz, c);

	for (unsigned i = 0; i < 3; i++)
		t.v[i] = t.v[i] > 0.008856 ? cbrt(t.v[i]) : 7.787 * t.v[i] + 16.0 / 116;
	return (struct colour){ { 116 * t.v[1] - 16, 500 * (t.v[0] - t.v[1]), 200 * (t.v[1] - t.v[2]) } };
}

static double distance(unsigned a, unsigned b, unsigned kind)
{
	struct colour x = lab(multiply(vision[kind], light(a))), y = lab(multiply(vision[kind], light(b)));

	return sqrt(pow(x.v[0] - y.v[0], 2) + pow(x.v[1] - y.v[1], 2) + pow(x.v[2] - y.v[2], 2));
}

static double luminance(unsigned index)
{
	struct colour c = light(index);

	return 0.2126 * c.v[0] + 0.7152 * c.v[1] + 0.0722 * c.v[2];
}

/* WCAG 2.1: the ratio of relative luminances. */
static double contrast(unsigned a, unsigned b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

/* The usual green and red of a terminal, to see that the measure tells them from a safe pair. */
static void test_measure(void **state)
{
	(void)state;
	assert_true(distance(16, 231, 0) > 99.9 && distance(16, 231, 0) < 100.1);
	assert_true(distance(160, 70, 0) > 100);
	assert_true(distance(166, 100, 1) < 15 || distance(166, 100, 2) < 15);
	assert_true(contrast(16, 231) > 20.9);
}

/* A difference of 2.3 is just noticeable (Mahy 1994). 7 to 1 is WCAG's AAA, 4.5 to 1 its AA for text. */
static void test_every_pair_differs_in_every_vision(void **state)
{
	(void)state;
	for (unsigned a = INK_PLAIN + 1; a < INKS; a++) {
		assert_true(ink_colours[a].background >= 16);
		assert_true(contrast(ink_colours[a].background, ink_colours[a].foreground) >= 4.5);
		for (unsigned kind = 0; kind < 4; kind++) {
			assert_true(distance(16, ink_colours[a].background, kind) > 15);
			for (unsigned b = a + 1; b < INKS; b++)
				assert_true(distance(ink_colours[a].background, ink_colours[b].background, kind) > 15);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measure), cmocka_unit_test(test_every_pair_differs_in_every_vision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
