/* inspect/eval.c - WinDbg's expressions, evaluated with a bounded stack and no recursion.
 * SPDX-License-Identifier: MIT
 *
 * Operator-precedence parsing: operators that wait for their right operand are in one array, each with its left
 * operand. The nesting of an input is limited by that array and does not use the kernel stack.
 */
#include "inspect/eval.h"
#include "lib/string.h"

#define MAX_PENDING  160  /* 64 nested parentheses, each with an operator and a sign, and a reserve */
#define MAX_PARENS   64
#define MAX_NAME     96

struct parser;

/* A row per operator. binding: a larger number binds tighter; prefix operators bind tightest. */
struct operator {
	const char *text;
	unsigned char binding;
	/* at: offset of the operator. Prefix operators have only right. */
	err_t (*apply)(struct parser *p, size_t at, uint64_t left, uint64_t right, uint64_t *value);
};

struct pending {
	const struct operator *op;  /* NULL: an open parenthesis */
	size_t at;
	uint64_t left;
};

struct parser {
	const struct target *target;
	const char *text, *next;
	unsigned radix;
	bool extend;              /* sign-extend values that fit in 32 bits */
	struct eval_error *error;
	unsigned pending_count, parens;
	struct pending pending[MAX_PENDING];
};

static err_t fail(struct parser *p, size_t at, const char *what, err_t err)
{
	*p->error = (struct eval_error){ .what = what, .at = at };
	return err;
}

/* On a 32-bit target, bit 31 of a 32-bit number is its sign. */
static uint64_t extended(const struct parser *p, uint64_t value)
{
	return p->extend && value <= UINT32_MAX ? (uint64_t)(int64_t)(int32_t)(uint32_t)value : value;
}

/* ---- operators ---- */

#define OPERATOR(name, expression) \
	static err_t name(struct parser *p, size_t at, uint64_t left, uint64_t right, uint64_t *value) \
	{ \
		(void)p, (void)at, (void)left; \
		*value = (expression); \
		return OK; \
	}

OPERATOR(apply_multiply, left * right)
OPERATOR(apply_add, left + right)
OPERATOR(apply_subtract, left - right)
/* In C a shift by the width or more is undefined; here the result is 0. */
OPERATOR(apply_shift_left, right < 64 ? left << right : 0)
OPERATOR(apply_shift_right, right < 64 ? left >> right : 0)
OPERATOR(apply_equal, left == right)
OPERATOR(apply_not_equal, left != right)
OPERATOR(apply_less, left < right)
OPERATOR(apply_greater, left > right)
OPERATOR(apply_less_equal, left <= right)
OPERATOR(apply_greater_equal, left >= right)
OPERATOR(apply_and, left & right)
OPERATOR(apply_xor, left ^ right)
OPERATOR(apply_or, left | right)
OPERATOR(apply_plus, right)
OPERATOR(apply_minus, 0 - right)
OPERATOR(apply_complement, ~right)
OPERATOR(apply_not, right == 0)
OPERATOR(apply_low, right & 0xffff)
OPERATOR(apply_high, right >> 16 & 0xffff)

static err_t apply_divide(struct parser *p, size_t at, uint64_t left, uint64_t right, uint64_t *value)
{
	if (right == 0)
		return fail(p, at, "division by zero", ERR_INVALID);
	*value = left / right;
	return OK;
}

static err_t apply_modulo(struct parser *p, size_t at, uint64_t left, uint64_t right, uint64_t *value)
{
	if (right == 0)
		return fail(p, at, "division by zero", ERR_INVALID);
	*value = left % right;
	return OK;
}

/* Reads bytes of the target's virtual memory, least significant byte first. */
static err_t fetch(struct parser *p, size_t at, uint64_t address, unsigned bytes, uint64_t *value)
{
	unsigned char raw[8];
	err_t err = target_read_virt(p->target, target_address(p->target, address), raw, bytes);

	if (err)
		return fail(p, at, "cannot read memory at that address", err);
	*value = 0;
	for (unsigned i = 0; i < bytes; i++)
		*value |= (uint64_t)raw[i] << (8 * i);
	return OK;
}

#define FETCH(name, bytes) \
	static err_t name(struct parser *p, size_t at, uint64_t left, uint64_t right, uint64_t *value) \
	{ \
		(void)left; \
		return fetch(p, at, right, (bytes), value); \
	}

FETCH(apply_by, 1)
FETCH(apply_wo, 2)
FETCH(apply_dwo, 4)
FETCH(apply_qwo, 8)

/* A pointer has the target's width and is sign-extended like any number of that width. */
static err_t apply_poi(struct parser *p, size_t at, uint64_t left, uint64_t right, uint64_t *value)
{
	err_t err = fetch(p, at, right, target_va_digits(p->target) / 2, value);

	(void)left;
	*value = err == OK ? extended(p, *value) : *value;
	return err;
}

enum { BIND_OR = 1, BIND_XOR, BIND_AND, BIND_COMPARE, BIND_SHIFT, BIND_SUM, BIND_PRODUCT, BIND_PREFIX };

/* The longer spelling first. The order of binding is that of WinDbg's MASM expressions, not C's:
 * comparison binds tighter than the bit operators. */
static const struct operator binary_operators[] = {
	{ "<<", BIND_SHIFT, apply_shift_left }, { ">>", BIND_SHIFT, apply_shift_right },
	{ "<=", BIND_COMPARE, apply_less_equal }, { ">=", BIND_COMPARE, apply_greater_equal },
	{ "==", BIND_COMPARE, apply_equal }, { "!=", BIND_COMPARE, apply_not_equal },
	{ "<", BIND_COMPARE, apply_less }, { ">", BIND_COMPARE, apply_greater },
	{ "=", BIND_COMPARE, apply_equal },
	{ "*", BIND_PRODUCT, apply_multiply }, { "/", BIND_PRODUCT, apply_divide },
	{ "%", BIND_PRODUCT, apply_modulo }, { "mod", BIND_PRODUCT, apply_modulo },
	{ "+", BIND_SUM, apply_add }, { "-", BIND_SUM, apply_subtract },
	{ "&", BIND_AND, apply_and }, { "and", BIND_AND, apply_and },
	{ "^", BIND_XOR, apply_xor }, { "xor", BIND_XOR, apply_xor },
	{ "|", BIND_OR, apply_or }, { "or", BIND_OR, apply_or },
	{ NULL, 0, NULL },
};

static const struct operator prefix_operators[] = {
	{ "+", BIND_PREFIX, apply_plus }, { "-", BIND_PREFIX, apply_minus },
	{ "~", BIND_PREFIX, apply_complement }, { "not", BIND_PREFIX, apply_not },
	{ "poi", BIND_PREFIX, apply_poi }, { "by", BIND_PREFIX, apply_by }, { "wo", BIND_PREFIX, apply_wo },
	{ "dwo", BIND_PREFIX, apply_dwo }, { "qwo", BIND_PREFIX, apply_qwo },
	{ "low", BIND_PREFIX, apply_low }, { "hi", BIND_PREFIX, apply_high },
	{ NULL, 0, NULL },
};

/* ---- operands: numbers, registers, symbols ---- */

static size_t offset(const struct parser *p)
{
	return (size_t)(p->next - p->text);
}

static void skip_space(struct parser *p)
{
	while (*p->next == ' ' || *p->next == '\t')
		p->next++;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || is_letter(c) || c == '_' || c == '.' || c == '$' || c == '`';
}

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (is_word(s[n]))
		n++;
	return n;
}

/* 99: no digit in any radix. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return is_letter(c) ? (unsigned)(lower(c) - 'a') + 10 : 99;
}

/* Copies the word as a C string. False: it is longer than any name. */
static bool copy_word(const char *s, size_t n, char name[MAX_NAME])
{
	if (n >= MAX_NAME)
		return false;
	memcpy(name, s, n);
	name[n] = '\0';
	return true;
}

static bool all_digits(const char *s, size_t n, unsigned radix)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != '`' && digit_value(s[i]) >= radix)
			return false;
	return true;
}

static unsigned prefix_radix(const char *s, size_t n)
{
	if (n < 2 || s[0] != '0')
		return 0;
	switch (lower(s[1])) {
	case 'x': return 16;
	case 'n': return 10;
	case 't': return 8;
	case 'y': return 2;
	default: return 0;
	}
}

/* A back-tick is allowed between two digits only. */
static bool tick_misplaced(const char *s, size_t i, size_t n)
{
	return i == 0 || i + 1 == n || s[i - 1] == '`' || s[i + 1] == '`';
}

/* Parses the n characters at `s` as a number; `at` is their offset in the text, for errors. */
static err_t number(struct parser *p, const char *s, size_t at, size_t n, unsigned radix, uint64_t *value)
{
	uint64_t sum = 0;
	bool ticked = false;

	if (n == 0)
		return fail(p, at, "expected a number after the prefix", ERR_INVALID);
	for (size_t i = 0; i < n; i++) {
		unsigned digit = digit_value(s[i]);

		if (s[i] == '`' && !tick_misplaced(s, i, n)) {
			ticked = true;
			continue;
		}
		if (digit >= radix)
			return fail(p, at + i, "invalid digit in this base", ERR_INVALID);
		if (sum > (UINT64_MAX - digit) / radix)
			return fail(p, at, "number does not fit 64 bits", ERR_RANGE);
		sum = sum * radix + digit;
	}
	p->next = s + n;
	*value = ticked ? sum : extended(p, sum);
	return OK;
}

static bool is_register(const struct target *t, const char *name)
{
	uint64_t value;

	return t->reg && t->reg(t->ctx, name, &value) == OK;
}

/* Finds the symbol `name`. Two or more with this name: ERR_EXISTS, with the candidates in the error. */
static err_t find_symbol(struct parser *p, size_t at, const char *name, uint64_t *value)
{
	const struct target *t = p->target;
	struct eval_error found = { .what = "ambiguous symbol", .at = at };
	uint64_t next;

	if (!t->symbol || t->symbol(t->ctx, name, 0, value) != OK)
		return fail(p, at, is_register(t, name) ? "no such symbol; registers are written @NAME"
		                                        : "no such symbol", ERR_NOT_FOUND);
	for (unsigned i = 0; t->symbol(t->ctx, name, i, &next) == OK; i++) {
		if (found.count < EVAL_CANDIDATES)
			found.candidate[found.count] = next;
		found.count++;
	}
	if (found.count < 2)
		return OK;
	*p->error = found;
	return ERR_EXISTS;
}

/* qualified: after nt!, so it is not a register. */
static err_t symbol(struct parser *p, size_t n, bool qualified, uint64_t *value)
{
	char name[MAX_NAME];
	size_t at = offset(p);
	err_t err;

	if (!copy_word(p->next, n, name))
		return fail(p, at, "no such symbol", ERR_NOT_FOUND);
	err = find_symbol(p, at, name, value);
	if (err != OK)
		return err;
	if (!qualified && is_register(p->target, name))
		return fail(p, at, "ambiguous: a register and a symbol have this name; use @NAME or nt!NAME", ERR_EXISTS);
	*value = extended(p, *value);
	p->next += n;
	return OK;
}

static err_t reg(struct parser *p, uint64_t *value)
{
	size_t at = offset(p), n = word_length(p->next + 1);
	char name[MAX_NAME];

	if (n == 0)
		return fail(p, at + 1, "expected a register name after @", ERR_INVALID);
	if (!copy_word(p->next + 1, n, name))
		return fail(p, at, "no such register", ERR_NOT_FOUND);
	for (char *c = name; *c; c++)
		*c = lower(*c);
	if (!p->target->reg || p->target->reg(p->target->ctx, name, value))
		return fail(p, at, "no such register", ERR_NOT_FOUND);
	*value = extended(p, *value);
	p->next += 1 + n;
	return OK;
}

static bool has_module(const char *s)
{
	return lower(s[0]) == 'n' && lower(s[1]) == 't' && s[2] == '!';
}

/* Parses a register, number or symbol. A word of hex digits is a number; the prefix nt! makes it a symbol. */
static err_t operand(struct parser *p, uint64_t *value)
{
	size_t n = word_length(p->next);
	unsigned radix = prefix_radix(p->next, n);

	if (*p->next == '@')
		return reg(p, value);
	if (has_module(p->next)) {
		p->next += 3;
		n = word_length(p->next);
		if (n == 0)
			return fail(p, offset(p), "expected a symbol after nt!", ERR_INVALID);
		return symbol(p, n, true, value);
	}
	if (n == 0)
		return fail(p, offset(p), "expected a number, register or symbol", ERR_INVALID);
	if (radix)
		return number(p, p->next + 2, offset(p) + 2, n - 2, radix, value);
	if (all_digits(p->next, n, p->radix) || (*p->next >= '0' && *p->next <= '9') || *p->next == '`')
		return number(p, p->next, offset(p), n, p->radix, value);
	return symbol(p, n, false, value);
}

/* ---- parser ---- */

/* An operator spelled with letters must be the whole word: "order" does not begin with "or". */
static const struct operator *match(const struct operator *table, const char *s)
{
	for (; table->text; table++) {
		size_t n = strlen(table->text), word = is_letter(*s) ? word_length(s) : n;

		if (word == n && strncmp(s, table->text, n) == 0)
			return table;
	}
	return NULL;
}

static err_t push(struct parser *p, const struct operator *op, size_t length, uint64_t left)
{
	size_t at = offset(p);

	if (p->pending_count == MAX_PENDING || (!op && p->parens == MAX_PARENS))
		return fail(p, at, "nested too deep", ERR_RANGE);
	p->parens += !op;
	p->pending[p->pending_count++] = (struct pending){ .op = op, .at = at, .left = left };
	p->next += length;
	return OK;
}

/* Up to and including the next operand: prefix operators and open parentheses wait on the stack. */
static err_t read_operand(struct parser *p, uint64_t *value)
{
	for (;;) {
		const struct operator *op;
		err_t err;

		skip_space(p);
		op = match(prefix_operators, p->next);
		if (!op && *p->next != '(')
			return operand(p, value);
		err = push(p, op, op ? strlen(op->text) : 1, 0);
		if (err)
			return err;
	}
}

/* Applies all pending operators that bind at least as tight as binding; stops at a parenthesis. */
static err_t reduce(struct parser *p, unsigned binding, uint64_t *value)
{
	while (p->pending_count > 0) {
		const struct pending *top = &p->pending[p->pending_count - 1];
		err_t err;

		if (!top->op || top->op->binding < binding)
			break;
		err = top->op->apply(p, top->at, top->left, *value, value);
		if (err)
			return err;
		p->pending_count--;
	}
	return OK;
}

/* Parses what can follow an operand. *again: an operator was read, so another operand must follow. */
static err_t read_operator(struct parser *p, uint64_t *value, bool *again)
{
	for (;;) {
		const char *behind = p->next;
		const struct operator *op;
		err_t err;

		skip_space(p);
		op = match(binary_operators, p->next);
		*again = op != NULL;
		err = reduce(p, op ? op->binding : 0, value);
		if (err)
			return err;
		if (op)
			return push(p, op, strlen(op->text), *value);
		if (*p->next != ')' || p->parens == 0) {
			p->next = behind;
			return OK;
		}
		p->pending_count--;
		p->parens--;
		p->next++;
	}
}

static err_t evaluate(struct parser *p, const char **end, uint64_t *value)
{
	bool again = true;
	uint64_t sum = 0;

	while (again) {
		err_t err = read_operand(p, &sum);

		if (!err)
			err = read_operator(p, &sum, &again);
		if (err)
			return err;
	}
	if (p->parens > 0)
		return fail(p, offset(p), ") is missing", ERR_INVALID);
	*value = sum;
	*end = p->next;
	return OK;
}

err_t eval(const struct target *t, const char *text, unsigned radix, const char **end,
           uint64_t *value, struct eval_error *error)
{
	struct parser p = {
		.target = t, .text = text, .next = text, .radix = radix, .error = error,
		.extend = target_va_digits(t) == 8,
	};

	return evaluate(&p, end, value);
}

err_t eval_number(const struct target *t, const char *text, unsigned radix, const char **end,
                  uint64_t *value, struct eval_error *error)
{
	struct parser p = { .target = t, .text = text, .next = text, .radix = radix, .error = error };

	return evaluate(&p, end, value);
}
