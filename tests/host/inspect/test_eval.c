/* tests/host/inspect/test_eval.c - the evaluator against trees that are computed, not parsed.
 * SPDX-License-Identifier: MIT
 *
 * The oracle makes a random tree, knows its value, and prints it with as few parentheses as WinDbg's
 * precedences allow (the table below is its own). A parser that binds or groups otherwise gets another value.
 */
#include "inspect/eval.h"
#include "tests/host/inspect/fixture.h"

#define TREES 20000
#define LINES 60000

static struct fake f;
static uint64_t seed = 88172645463325252ull;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static err_t find_reg(void *ctx, const char *name, uint64_t *value)
{
	(void)ctx;
	if (strcmp(name, "cr3") == 0)
		*value = 0x023406e5;
	else if (strcmp(name, "eip") == 0)
		*value = 0xc0101234;
	else
		return ERR_NOT_FOUND;
	return OK;
}

static err_t find_symbol(void *ctx, const char *name, unsigned n, uint64_t *value)
{
	static const struct { const char *name; uint64_t value; } symbols[] = {
		{ "kmain", 0xc0100000 }, { "add", 0xc0100040 }, { "order", 0xffffffffc0100080 }, { "by_pass", 0xffffffffc01000c0 },
		{ "pt_walk.part.0", 0xc0100100 }, { "put", 0xc0100200 }, { "put", 0xc0100300 }, { "eip", 0xc0100400 },
		{ "many", 1 }, { "many", 2 }, { "many", 3 }, { "many", 4 }, { "many", 5 }, { "many", 6 }, { "many", 7 },
		{ "many", 8 }, { "many", 9 }, { "many", 10 },
	};

	(void)ctx;
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++)
		if (strcmp(name, symbols[i].name) == 0 && n-- == 0) {
			*value = symbols[i].value;
			return OK;
		}
	return ERR_NOT_FOUND;
}

/* One page at 3000, PAE, with bytes 00 01 02 ... */
static int set_up(void **state)
{
	static const uint64_t entries[] = { 0x5001, 0x6067, 0x9067 };

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	fake_path(&f, 3, 8, 0x1000, 0x3000, entries, 3);
	for (unsigned i = 0; i < 4096; i++)
		fake_put(&f, 0x9000 + i, i, 1);
	f.t.reg = find_reg;
	f.t.symbol = find_symbol;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_free(&f);
	return 0;
}

/* ---- random trees ---- */

enum { OR = 1, XOR, AND, COMPARE, SHIFT, SUM, PRODUCT, UNARY, ATOM };
enum { O_OR, O_XOR, O_AND, O_EQ, O_NE, O_LT, O_GT, O_LE, O_GE, O_SHL, O_SHR,
       O_ADD, O_SUB, O_MUL, O_DIV, O_MOD, O_COUNT };
static const struct { const char *text; int binding; } ops[O_COUNT] = {
	[O_OR] = { "|", OR }, [O_XOR] = { "^", XOR }, [O_AND] = { "&", AND }, [O_EQ] = { "==", COMPARE },
	[O_NE] = { "!=", COMPARE }, [O_LT] = { "<", COMPARE }, [O_GT] = { ">", COMPARE },
	[O_LE] = { "<=", COMPARE }, [O_GE] = { ">=", COMPARE }, [O_SHL] = { "<<", SHIFT }, [O_SHR] = { ">>", SHIFT },
	[O_ADD] = { "+", SUM }, [O_SUB] = { "-", SUM }, [O_MUL] = { "*", PRODUCT }, [O_DIV] = { "/", PRODUCT },
	[O_MOD] = { "%", PRODUCT },
};

struct made { char text[4096]; uint64_t value; int binding; bool fails; };

static const char *space(void)
{
	return rnd() % 3 ? "" : rnd() % 2 ? " " : " \t ";
}

static uint64_t compute(int op, uint64_t a, uint64_t b, bool *fails)
{
	switch (op) {
	case O_OR: return a | b;
	case O_XOR: return a ^ b;
	case O_AND: return a & b;
	case O_EQ: return a == b;
	case O_NE: return a != b;
	case O_LT: return a < b;
	case O_GT: return a > b;
	case O_LE: return a <= b;
	case O_GE: return a >= b;
	case O_SHL: return b > 63 ? 0 : a << b;
	case O_SHR: return b > 63 ? 0 : a >> b;
	case O_ADD: return a + b;
	case O_SUB: return a - b;
	case O_MUL: return a * b;
	default:
		*fails |= b == 0;
		if (b == 0)
			return 0;
		return op == O_DIV ? a / b : a % b;
	}
}

/* A number of 32 bits on a target of 32 bits. */
static uint64_t signed_32(uint64_t v)
{
	return v >> 31 == 1 ? v | 0xffffffff00000000 : v;
}

static void make_atom(struct made *m)
{
	static const char *const forms[] = { "%llx", "0x%llx", "0n%llu", "0t%llo", "%016llX", "0X%llX" };
	uint64_t v = rnd() >> rnd() % 64;

	m->binding = ATOM;
	m->value = signed_32(v);
	m->fails = false;
	switch (rnd() % 9) {
	case 0:
		strcpy(m->text, "@cr3");
		m->value = 0x023406e5;
		return;
	case 1:
		strcpy(m->text, rnd() % 2 ? "kmain" : "nt!kmain");
		m->value = signed_32(0xc0100000);
		return;
	case 2:
		m->value = v;
		snprintf(m->text, sizeof(m->text), "%x`%08x", (unsigned)(v >> 32), (unsigned)v);
		return;
	default:
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(m->text, sizeof(m->text), forms[rnd() % 6], (unsigned long long)v);
#pragma GCC diagnostic pop
	}
}

static void bracket(struct made *m, bool needed)
{
	char inner[4096];

	if (!needed && rnd() % 8)
		return;
	strcpy(inner, m->text);
	snprintf(m->text, sizeof(m->text), "(%.4000s%s)", inner, space());
	m->binding = ATOM;
}

static void make_tree(struct made *m, int depth);

static void make_unary(struct made *m, int depth)
{
	struct made *right = malloc(sizeof(*right));
	const char *op = (const char *const[]){ "-", "~", "+", "not " }[rnd() % 4];

	make_tree(right, depth - 1);
	bracket(right, right->binding < UNARY);
	snprintf(m->text, sizeof(m->text), "%s%s%.4000s", op, space(), right->text);
	m->value = *op == '-' ? -right->value : *op == '~' ? ~right->value :
	           *op == '+' ? right->value : right->value == 0;
	m->fails = right->fails;
	m->binding = UNARY;
	free(right);
}

static void make_tree(struct made *m, int depth)
{
	struct made *left, *right;
	int op = (int)(rnd() % O_COUNT);

	if (depth == 0 || rnd() % 6 == 0) {
		make_atom(m);
		return;
	}
	if (rnd() % 6 == 0) {
		make_unary(m, depth);
		return;
	}
	left = malloc(sizeof(*left));
	right = malloc(sizeof(*right));
	make_tree(left, depth - 1);
	make_tree(right, depth - 1);
	/* All operators group from the left. */
	bracket(left, left->binding < ops[op].binding);
	bracket(right, right->binding <= ops[op].binding);
	snprintf(m->text, sizeof(m->text), "%.1900s%s%s%s%.1900s", left->text, space(), ops[op].text, space(),
	         right->text);
	m->fails = left->fails || right->fails;
	m->value = compute(op, left->value, right->value, &m->fails);
	m->binding = ops[op].binding;
	free(left);
	free(right);
}

static void test_random_trees(void **state)
{
	static const char *const tails[] = { "", ",next", " L10", " nonsense", ")", "  ", ";" };
	static struct made m;

	(void)state;
	for (int i = 0; i < TREES; i++) {
		const char *end = NULL, *tail = tails[rnd() % ARRAY_LEN(tails)];
		struct eval_error error;
		uint64_t value = 0;
		size_t length;
		err_t err;

		make_tree(&m, 1 + (int)(rnd() % 5));
		length = strlen(m.text);
		strcat(m.text, tail);
		err = eval(&f.t, m.text, 16, &end, &value, &error);
		if (m.fails) {
			if (err != ERR_INVALID || strcmp(error.what, "division by zero") != 0)
				fail_msg("no division by zero in %s", m.text);
			continue;
		}
		if (err || value != m.value || end != m.text + length)
			fail_msg("%s: got %llx (error %d %s at %zu), want %llx", m.text, (unsigned long long)value,
			         err, err ? error.what : "", err ? error.at : 0, (unsigned long long)m.value);
	}
}

/* ---- vectors ---- */

struct row { const char *text; uint64_t value; };

static void check_rows(const struct target *t, const struct row *rows, size_t n, unsigned radix)
{
	for (size_t i = 0; i < n; i++) {
		struct eval_error error = { .what = "no error" };
		const char *end;
		uint64_t value = 0;

		if (eval(t, rows[i].text, radix, &end, &value, &error) || value != rows[i].value)
			fail_msg("%s: got %llx (%s at %zu), want %llx", rows[i].text, (unsigned long long)value,
			         error.what, error.at, (unsigned long long)rows[i].value);
	}
}

static void test_published_expressions(void **state)
{
	static const struct row rows[] = {
		{ "(@cr3 & 0xffffffe0) + ( 0y10 * 8) L1", 0x23406f0 },
		{ "(6c46801 & 0xFFFFFF000) + ( 0y000000010 * 8) L1", 0x6c46010 },
		{ "(00000000`004009e3 & 0x0000000FFF)", 0x9e3 },
		{ "(004009e3 & 0y11111111111000000000000000000000) + (8054099e & 0y00000000000111111111111111111111)",
		  0x0054099e },
		{ "0n1024", 1024 }, { "0t17", 15 }, { "0Y101", 5 }, { "fffffa80`05319b30", 0xfffffa8005319b30 },
		{ "@CR3", 0x023406e5 }, { "nt!kmain+1c", 0xffffffffc010001c }, { "NT!kmain", 0xffffffffc0100000 },
		/* Digits before names, names by nt!, words before operators spelled like their beginning. */
		{ "add", 0xadd }, { "nt!add", 0xffffffffc0100040 }, { "order", 0xffffffffc0100080 },
		{ "by_pass", 0xffffffffc01000c0 },
		{ "pt_walk.part.0 - 1", 0xffffffffc01000ff }, { "1 or 2", 3 }, { "7 and 3", 3 }, { "6 xor 3", 5 },
		{ "9 mod 4", 1 },
		/* Comparison binds tighter than the bit operators, unlike in C. */
		{ "1 & 3 == 3", 1 }, { "2 & 3 == 3", 0 }, { "5 = 5", 1 }, { "1 | 2 ^ 3 & 6", 1 }, { "1 + 2 << 3", 24 },
		{ "10 - 3 - 2", 0xb }, { "100 / 4 / 2", 0x20 }, { "-1 >> 3c", 0xf }, { "1 << 40", 0 },
		{ "~0", UINT64_MAX },
		{ "low 12345678", 0x5678 }, { "hi 12345678", 0x1234 }, { "not 0 + 1", 2 },
		{ "by(3004)", 4 }, { "wo(3004)", 0x0504 }, { "dwo(3004)", 0x07060504 },
		{ "qwo 3000", 0x0706050403020100 },
		{ "poi(3004)", 0x07060504 }, { "poi(3000+4) + 1", 0x07060505 }, { "by (3000 + by 3055)", 0x55 },
	};
	static const struct row decimal[] = {
		{ "10", 10 }, { "0x10", 16 }, { "99 * 2", 198 }, { "order", 0xffffffffc0100080 },
	};

	(void)state;
	check_rows(&f.t, rows, ARRAY_LEN(rows), 16);
	check_rows(&f.t, decimal, ARRAY_LEN(decimal), 10);
}

static void test_poi_is_as_wide_as_an_address(void **state)
{
	static const uint64_t entries[] = { 0x2067, 0x3067, 0x4067, 0x9067 };
	static const struct row rows[] = { { "poi(3004)", 0x0b0a090807060504 }, { "dwo(3004)", 0x07060504 } };
	static struct fake wide;

	(void)state;
	fake_init(&wide, &pt_x64, 0x1000);
	fake_path(&wide, 4, 8, 0x1000, 0x3000, entries, 4);
	for (unsigned i = 0; i < 4096; i++)
		fake_put(&wide, 0x9000 + i, i, 1);
	check_rows(&wide.t, rows, ARRAY_LEN(rows), 16);
	fake_free(&wide);
}

/* Microsoft, "Sign extension": the kinds of operand that have 32 bits on such a target, and those that have not. */
static void test_a_32_bit_target_has_signed_numbers(void **state)
{
	static const struct row rows[] = {
		{ "80000000", 0xffffffff80000000 }, { "0`80000000", 0x80000000 }, { "7fffffff", 0x7fffffff },
		{ "-1", UINT64_MAX }, { "ffffffff", UINT64_MAX }, { "0`ffffffff", 0xffffffff },
		{ "0n4294967295", UINT64_MAX },
		{ "0y10000000000000000000000000000000", 0xffffffff80000000 }, { "0t37777777777", UINT64_MAX },
		{ "100000000", 0x100000000 }, { "ffffffffc0001000", 0xffffffffc0001000 }, { "ffffffff == -1", 1 },
		{ "0`ffffffff == -1", 0 }, { "kmain - c0000000", 0x100000 }, { "nt!eip", 0xffffffffc0100400 },
		{ "@eip", 0xffffffffc0101234 }, { "@eip - kmain", 0x1234 }, { "dwo(3080)", 0x83828180 },
		{ "poi(3080)", 0xffffffff83828180 }, { "by(ffffffff`00003004 - ffffffff`00000000)", 4 },
	};
	static const struct row numbers[] = {
		{ "80000000", 0x80000000 }, { "8000000000001163", 0x8000000000001163 }, { "kmain", 0xc0100000 },
		{ "@eip", 0xc0101234 }, { "poi(3080)", 0x83828180 }, { "-1", UINT64_MAX },
	};
	static struct fake wide;
	struct eval_error error;
	const char *end;
	uint64_t value;

	(void)state;
	check_rows(&f.t, rows, ARRAY_LEN(rows), 16);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		assert_int_equal(eval_number(&f.t, numbers[i].text, 16, &end, &value, &error), OK);
		assert_int_equal(value, numbers[i].value);
	}
	fake_init(&wide, &pt_x64, 0x1000);
	check_rows(&wide.t, (const struct row[]){ { "80000000", 0x80000000 }, { "ffffffff == -1", 0 } }, 2, 16);
	assert_int_equal(target_address(&wide.t, 0xffffffffc0001000), 0xffffffffc0001000);
	fake_free(&wide);
	assert_int_equal(target_address(&f.t, 0xffffffffc0001000), 0xc0001000);
	assert_int_equal(target_address(&f.t, 0xc0001000), 0xc0001000);
	assert_int_equal(target_address(&f.t, 0x1c0001000), 0x1c0001000);
	assert_int_equal(target_address(&f.t, 0xffffffff00001000), 0xffffffff00001000);
}

static void test_names_that_several_things_have(void **state)
{
	struct eval_error error;
	const char *end;
	uint64_t value;

	(void)state;
	assert_int_equal(eval(&f.t, "1 + put", 16, &end, &value, &error), ERR_EXISTS);
	assert_string_equal(error.what, "ambiguous symbol");
	assert_true(error.at == 4 && error.count == 2);
	assert_true(error.candidate[0] == 0xc0100200 && error.candidate[1] == 0xc0100300);
	assert_int_equal(eval(&f.t, "nt!put", 16, &end, &value, &error), ERR_EXISTS);
	assert_int_equal(eval(&f.t, "nt!many", 16, &end, &value, &error), ERR_EXISTS);
	assert_true(error.count == 10 && error.candidate[EVAL_CANDIDATES - 1] == EVAL_CANDIDATES);
	/* A symbol that is called like a register, and a register that no symbol is called like. */
	assert_int_equal(eval(&f.t, "eip", 16, &end, &value, &error), ERR_EXISTS);
	assert_true(error.count == 0 && strstr(error.what, "register"));
	assert_int_equal(eval(&f.t, "cr3", 16, &end, &value, &error), ERR_NOT_FOUND);
	assert_non_null(strstr(error.what, "@"));
}

/* ---- errors ---- */

static void test_errors_point_at_the_place(void **state)
{
	static const struct { const char *text, *what; size_t at; } rows[] = {
		{ "", "expected a number, register or symbol", 0 },
		{ "  ", "expected a number, register or symbol", 2 },
		{ "1 + ", "expected a number, register or symbol", 4 },
		{ "1 + * 2", "expected a number, register or symbol", 4 },
		{ "()", "expected a number, register or symbol", 1 },
		{ "(1 + 2", ") is missing", 6 },
		{ "((1) ", ") is missing", 4 },
		{ "12 + 3g", "invalid digit in this base", 6 },
		{ "0n1f", "invalid digit in this base", 3 },
		{ "0y102", "invalid digit in this base", 4 },
		{ "0x", "expected a number after the prefix", 2 },
		{ "1`", "invalid digit in this base", 1 },
		{ "`1", "invalid digit in this base", 0 },
		{ "1``2", "invalid digit in this base", 1 },
		{ "1 + 10000000000000000", "number does not fit 64 bits", 4 },
		{ "0n18446744073709551616", "number does not fit 64 bits", 2 },
		{ "2 * nosuch", "no such symbol", 4 },
		{ "2 * nt!", "expected a symbol after nt!", 7 },
		{ "@", "expected a register name after @", 1 },
		{ "1+@xyz", "no such register", 2 },
		{ "1 / 0", "division by zero", 2 },
		{ "1 % (2 - 2)", "division by zero", 2 },
		{ "1 + poi(4)", "cannot read memory at that address", 4 },
		{ "qwo(3ffc)", "cannot read memory at that address", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct eval_error error = { .what = "no error", .at = 999 };
		const char *end = "untouched";
		uint64_t value = 0x1234;

		if (eval(&f.t, rows[i].text, 16, &end, &value, &error) == OK || strcmp(error.what, rows[i].what) != 0 ||
		    error.at != rows[i].at)
			fail_msg("\"%s\": %s at %zu, want %s at %zu", rows[i].text, error.what, error.at,
			         rows[i].what, rows[i].at);
		assert_string_equal(end, "untouched");
		assert_int_equal(value, 0x1234);
	}
}

static err_t eval_repeated(const char *before, int n, const char *middle, const char *after, struct eval_error *e)
{
	static char text[8192];
	const char *end;
	uint64_t value;

	text[0] = '\0';
	for (int i = 0; i < n; i++)
		strcat(text, before);
	strcat(text, middle);
	for (int i = 0; i < n; i++)
		strcat(text, after);
	return eval(&f.t, text, 16, &end, &value, e);
}

static void test_depth_is_bounded(void **state)
{
	struct eval_error e;

	(void)state;
	assert_int_equal(eval_repeated("(", 64, "1", ")", &e), OK);
	assert_int_equal(eval_repeated("2*(", 64, "1", ")", &e), OK);
	assert_int_equal(eval_repeated("(", 65, "1", ")", &e), ERR_RANGE);
	assert_string_equal(e.what, "nested too deep");
	assert_int_equal(e.at, 64);
	assert_int_equal(eval_repeated("-", 2000, "1", "", &e), ERR_RANGE);
	assert_int_equal(eval_repeated("~(-", 60, "1", ")", &e), ERR_RANGE);
	/* Length alone is no depth. */
	assert_int_equal(eval_repeated("1+", 2000, "1", "", &e), OK);
	assert_int_equal(eval_repeated("(1)+", 1000, "1", "", &e), OK);
}

/* ---- rubbish ---- */

static void test_random_lines(void **state)
{
	static const char *const pieces[] = {
		"(", ")", "+", "-", "~", "*", "/", "%", "<<", ">>", "<", ">", "=", "!", "&", "|", "^", "`", "@", "@cr3",
		"nt!", "kmain", "poi", "by(", "0x", "0n", "0y", "0t", "12", "ff", "deadbeef", "3000", " ", "\t", ",",
		";",
		"or", "mod", "not", "\x01", "\xff", "\x1b[A", "$", ".", "_", "\"", "'", "{", "18446744073709551616",
	};

	(void)state;
	for (int i = 0; i < LINES; i++) {
		size_t n = rnd() % 40;
		char line[1024] = "", *text;
		struct eval_error error = { .what = NULL, .at = SIZE_MAX };
		const char *end = NULL;
		uint64_t value;
		err_t err;

		for (size_t k = 0; k < n; k++)
			if (rnd() % 8)
				strcat(line, pieces[rnd() % ARRAY_LEN(pieces)]);
			else
				strncat(line, (char[]){ (char)(1 + rnd() % 255), 0 }, 1);
		/* Exactly as long as needed: the sanitizer sees a look behind the end. */
		text = malloc(strlen(line) + 1);
		strcpy(text, line);
		err = eval(&f.t, text, rnd() % 4 ? 16 : 10, &end, &value, &error);
		if (err == OK)
			assert_true(end > text && end <= text + strlen(text));
		else
			assert_true(error.what && error.at <= strlen(text));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_trees),
		cmocka_unit_test(test_a_32_bit_target_has_signed_numbers),
		cmocka_unit_test(test_names_that_several_things_have),
		cmocka_unit_test(test_published_expressions),
		cmocka_unit_test(test_poi_is_as_wide_as_an_address),
		cmocka_unit_test(test_errors_point_at_the_place),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_random_lines),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
