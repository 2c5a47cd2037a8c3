/* tests/host/scenario/test_scenario.c - scenarios with mistakes: one message with the line, and no memory is lost.
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

#include "scenario/scenario.h"

/* The blocks in use, and how many calls of alloc() still succeed. */
static unsigned blocks, calls, allowed;

static void *take(void *ctx, size_t n)
{
	void *p = NULL;

	(void)ctx;
	calls++;
	if (allowed) {
		allowed--;
		p = calloc(1, n);
	}
	blocks += p != NULL;
	return p;
}

static void give(void *ctx, void *p)
{
	(void)ctx;
	blocks -= p != NULL;
	free(p);
}

static const struct scenario_heap heap = { NULL, take, give };
static char message[400];

/* Parses n bytes, makes a target of them and frees all. True: there was one. */
static bool accepts(const char *text, size_t n, unsigned allocations)
{
	struct out_buf errors;
	struct scenario_source source = { .heap = &heap, .name = "file", .length = n, .errors = &errors.out };
	struct target *t = NULL;
	struct scenario *s;

	out_buf_init(&errors, message, sizeof(message));
	/* The text itself always fits: the caller reports that it does not. */
	allowed = 1;
	source.text = take(NULL, n + 1);
	memcpy(source.text, text, n);
	allowed = allocations;
	s = scenario_parse(&source);
	if (s) {
		t = scenario_target(s, &errors.out);
		scenario_free(s);
	}
	assert_int_equal(blocks, 0);
	/* One line, if anything is wrong. */
	if (t)
		assert_string_equal(message, "");
	else
		assert_ptr_equal(strchr(message, '\n'), message + strlen(message) - 1);
	return t != NULL;
}

#define HEAD "# pagewalk\nformat=pae\nroot=1000\n"

/* ---- mistakes ---- */

static const struct { const char *text, *says; } wrong[] = {
	{ HEAD "1000: 1 2x\n", "file:4: " }, { HEAD "1000: 12345678123456781\n", "file:4: " },
	{ HEAD "ffffffffffffffff: 1\n", "file:4: " }, { HEAD "1000: \"abc\n", "file:4: no closing quote" },
	{ HEAD "colour=red\n", "file:4: no such setting" }, { HEAD "at=9\n", "file:4: the setting has no such value" },
	{ HEAD "prompt=\"$ \"\n", "file:4: the setting has no such value" }, { HEAD "prompt=\"kd>\n", "file:4: no closing quote" },
	{ HEAD "zone=2000\n", "file:4: " }, { HEAD "clock=1.5\n", "file:4: " }, { HEAD "levels=ffffffffff\n", "file:4: " },
	{ HEAD "process 1000 pid=4\nprocess 1000 pid=5\n", "file:5: two processes have the same" },
	{ HEAD "process 1000 pid=4\nprocess 2000 pid=4\n", "file:5: two processes have the same" },
	{ HEAD "process 1000 pid=4 pid=4\n", "file:4: a value is given twice" },
	{ HEAD "process\n", "file:4: " }, { HEAD "process \n", "file:4: a value is missing" },
	{ HEAD "process 1000 colour=4\n", "file:4: the line has no such value" },
	{ HEAD "process 11112222333344445\n", "file:4: a value is not a number" },
	{ HEAD "process 1000 pid=4x\n", "file:4: a value is not a number" },
	{ HEAD "process 1000 pid=0n99999999999999999999\n", "file:4: a value is not a number" },
	{ HEAD "process 1000 image=\"a b\n", "file:4: no closing quote" },
	{ HEAD "vma 1000 1fff\n", "file:4: a vma belongs to the process above it" },
	{ HEAD "process 1 pid=1\nvma 2000 1fff\n", "file:5: the end is below" },
	{ HEAD "process 1 pid=1\nvma 1000 2fff\nvma 2000 3fff\n", "file:6: two vmas of a process overlap" },
	{ HEAD "process 1 pid=1\nvma 5000 5fff\nvma 2000 3fff\n", "file:6: the vmas of a process stand in the order" },
	{ HEAD "process 1 pid=1\nvma 5000 5fff rights=rq\n", "file:5: rights=" },
	{ HEAD "symbol 1 a\nsymbol 1 a\n", "file:5: the symbol is given twice" },
	{ HEAD "module 1 1 a\nmodule 1 2 b\n", "file:5: two modules begin" },
	{ HEAD "frame 1\nframe 1\n", "file:5: the frame is given twice" },
	{ HEAD "reg cr3=1 cr3=2\n", "file:4: a register is given twice" }, { HEAD "reg cr3\n", "file:4: reg NAME=VALUE" },
	{ HEAD "bugcheck a 1 2 3 4\nbugcheck a 1 2 3 4\n", "file:5: a second bugcheck" },
	{ HEAD "bugcheck a 1 2 3\n", "file:4: a value is missing" }, { HEAD "page x\n", "file:4: page PA..." },
	{ "# pagewalk\nroot=1000\n", "no format=" }, { "# pagewalk\nformat=short\nroot=5000\n", "root=5000: " },
	{ HEAD "cr3=2000\n", "root= contradicts cr3=" }, { HEAD "pa_bits=60\n", "pa_bits=" },
};

static void test_mistakes_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (accepts(wrong[i].text, strlen(wrong[i].text), UINT32_MAX))
			fail_msg("accepted: %s", wrong[i].text);
		if (strncmp(message, wrong[i].says, strlen(wrong[i].says)))
			fail_msg("%s\n--- %s, not %s", wrong[i].text, message, wrong[i].says);
	}
}

/* ---- a file with every kind of line ---- */

static const char good[] = HEAD
	"selfmap=c0000000\nnx=1\npa_bits=36\nat=16\nvtop=short\nprompt=\"1: kd>\"\nzone=-90\nclock=12.000345\nlinux_pte=800\n"
	"note a text: with = and \"quotes\nreg cr3=1000 eip=1`2 r8=0n12\nsymbol 1000 one size=20\nsymbol 900 other\n"
	"process 8000 pid=4 dirbase=1000 handles=0n3 session=1 image=\"a b.exe\" loaded\nvma 1000 1fff rights=rwxs name=\"x\"\n"
	"vma 2000 2fff record=77 guard locked nochange image commit=3\nprocess 9000 pid=5\nmodule 10000 2000 nt image=n.exe\n"
	"frame 5 count=1 maps=1 anon\ncall 1 2 3\nbugcheck a 1 2 3 4\nrun 0 0 1000\nsnapshot bad1bad1 5c\n"
	"oops 1000 5 config=\"SMP ARM\"\npage 7000 8000\n"
	"1000: 2001\n1008: 0000000000003001 0`00004001\n5000: \"text\" L\"wide\" 1\n";

static void test_every_kind_of_line(void **state)
{
	(void)state;
	if (!accepts(good, strlen(good), UINT32_MAX))
		fail_msg("%s", message);
}

static void test_memory_is_exhausted_at_each_allocation(void **state)
{
	unsigned all;

	(void)state;
	calls = 0;
	assert_true(accepts(good, strlen(good), UINT32_MAX));
	all = calls - 1;
	for (unsigned n = 0; n < all; n++) {
		assert_false(accepts(good, strlen(good), n));
		assert_non_null(strstr(message, "out of memory"));
		assert_memory_equal(message, "file:", 5);
	}
	assert_true(accepts(good, strlen(good), all));
}

static void test_truncated_at_each_byte(void **state)
{
	(void)state;
	for (size_t n = 0; n < strlen(good); n++)
		(void)accepts(good, n, UINT32_MAX);
}

/* Random bytes, doubled and swapped lines. The sanitizers find what is read behind an end. */
static void test_changed_at_random(void **state)
{
	static const char alphabet[] = "\n\0 \t\"=:#`0nfx\\L\xff";
	uint32_t seed = 12345;
	char text[sizeof(good)];

	(void)state;
	for (unsigned round = 0; round < 4000; round++) {
		memcpy(text, good, sizeof(good));
		for (unsigned i = 0; i < 1 + round % 5; i++) {
			size_t at, from;

			seed = seed * 1664525 + 1013904223;
			at = sizeof("# pagewalk") + (seed >> 8) % (sizeof(good) - sizeof("# pagewalk") - 40);
			seed = seed * 1664525 + 1013904223;
			from = (seed >> 8) % (sizeof(good) - 40);
			if (seed >> 31)
				memmove(text + at, good + from, 1 + (seed >> 4) % 38);
			else
				text[at] = alphabet[(seed >> 8) % (sizeof(alphabet) - 1)];
		}
		(void)accepts(text, sizeof(good) - 1, UINT32_MAX);
	}
}

static void test_long_lines(void **state)
{
	enum { MANY = 100000 };
	char *text = malloc(MANY + 100);
	size_t n;

	(void)state;
	strcpy(text, HEAD "1000:");
	for (n = strlen(text); n < MANY; n += 2)
		memcpy(text + n, " 1", 2);
	text[n++] = '\n';
	assert_true(accepts(text, n, UINT32_MAX));
	memset(text + strlen(HEAD), 'a', MANY - strlen(HEAD));
	assert_false(accepts(text, MANY, UINT32_MAX));
	assert_memory_equal(message, "file:4: ", 8);
	free(text);
}

/* ---- what it says ---- */

static void test_memory_and_symbols(void **state)
{
	struct out_buf errors;
	struct scenario_source source = { .heap = &heap, .name = "file", .length = strlen(good), .errors = &errors.out };
	struct scenario *s;
	const char *name;
	uint64_t value;
	char bytes[16];

	(void)state;
	out_buf_init(&errors, message, sizeof(message));
	allowed = UINT32_MAX;
	source.text = take(NULL, sizeof(good));
	memcpy(source.text, good, sizeof(good));
	s = scenario_parse(&source);
	assert_non_null(s);
	assert_non_null(scenario_target(s, &errors.out));
	assert_int_equal(scenario_read(s, 0x5000, bytes, 16), OK);
	assert_memory_equal(bytes, "textw\0i\0d\0e\0\1\0\0\0", 16);
	assert_int_equal(scenario_read(s, 0x1008, &value, 8), OK);
	assert_int_equal(value, 0x3001);
	assert_int_equal(scenario_read(s, 0x7ffc, bytes, 8), OK);
	assert_int_equal(scenario_read(s, 0x8ffc, bytes, 8), ERR_IO);
	assert_int_equal(scenario_read(s, UINT64_MAX - 3, bytes, 8), ERR_IO);
	assert_int_equal(scenario_symbol_at(s, 0x101f, &name, &value), OK);
	assert_string_equal(name, "one");
	assert_int_equal(scenario_symbol_at(s, 0x1020, &name, &value), ERR_NOT_FOUND);
	assert_int_equal(scenario_symbol_at(s, 0x9ff, &name, &value), OK);
	assert_int_equal(value, 0xff);
	assert_string_equal(scenario_symbol_number(s, 0, &value), "one");
	assert_int_equal(scenario_register(s, "r8", &value), OK);
	assert_int_equal(value, 12);
	assert_string_equal(scenario_note(s, 0), "a text: with = and \"quotes");
	assert_null(scenario_note(s, 1));
	scenario_free(s);
	assert_int_equal(blocks, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes_are_named), cmocka_unit_test(test_every_kind_of_line),
		cmocka_unit_test(test_memory_is_exhausted_at_each_allocation), cmocka_unit_test(test_truncated_at_each_byte),
		cmocka_unit_test(test_changed_at_random), cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_memory_and_symbols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
