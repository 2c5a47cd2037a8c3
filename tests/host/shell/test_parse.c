/* tests/host/shell/test_parse.c - lines into commands and arguments: schemas, errors and their columns, and noise.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "inspect/target.h"
#include "shell/command.h"

#define COLUMN 4

static void nothing(struct call *c)
{
	(void)c;
}

static const struct command_option options[] = {
	{ "--user", NULL, "" }, { "--phys", "A-B", "" }, { "--at", "VA", "" }, { .name = NULL },
};

/* What the linker gathers in the kernel; host.mk gives commands_end its address. */
const struct command commands_start[] = {
	{ "pte", "walkit !other", "a", "pte VA", "", "\n", NULL, 0, nothing },
	{ "db", NULL, "AR", "db [VA [LAST|L COUNT]]", "", "\n", NULL, 0, nothing },
	{ "!db", NULL, "UR", "!db [PA [LAST|L COUNT]]", "", "\n", NULL, 0, nothing },
	{ "map", NULL, "auw", "map VA PA PROT", "", "\n", NULL, 0, nothing },
	{ "demand", NULL, "oU", "demand [BYTES|-r ADDR]", "", "\n", NULL, 0, nothing },
	{ "setpte", NULL, "auo", "setpte VA ENTRY [--noflush]", "", "\n", NULL, 0, nothing },
	{ "eb", NULL, "a*", "eb VA VALUE...", "", "\n", NULL, 0, nothing },
	{ "mmu", NULL, "", "mmu", "", "\n", NULL, 0, nothing },
	{ "?", "eval", "e", "? EXPRESSION", "", "\n", NULL, 0, nothing },
	{ "ptdump", NULL, "AR", "ptdump [FIRST [LAST]]", "", "\n", options, 0, nothing },
};
#define COMMANDS 10
_Static_assert(sizeof(commands_start) == COMMANDS * sizeof(struct command), "the table has its size");
_Static_assert(sizeof(struct command) == 72, "host.mk knows the size of a row");

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

static err_t no_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	(void)ctx, (void)pa, (void)bytes, (void)out;
	return ERR_IO;
}

static err_t symbol(void *ctx, const char *name, unsigned i, uint64_t *value)
{
	(void)ctx;
	*value = 0xc0100000 + 0x100 * i;
	return !strcmp(name, "put") && i < 2 ? OK : !strcmp(name, "many") && i < 20 ? OK : ERR_NOT_FOUND;
}

static err_t reg(void *ctx, const char *name, uint64_t *value)
{
	(void)ctx;
	*value = 0x1234;
	return strcmp(name, "cr3") ? ERR_NOT_FOUND : OK;
}

static const struct pt_mode mode = { .format = &pt_pae, .levels = 3, .pa_bits = 36 };
static const struct pt_env env = { .read = no_entry };
static const struct target target = { .mode = &mode, .env = &env, .reg = reg, .symbol = symbol };

static char said[4096];
static struct out_buf buffer;
static struct call call;

static bool parse(const char *line)
{
	out_buf_init(&buffer, said, sizeof(said));
	memset(&call, 0xA5, sizeof(call));
	call.out = &buffer.out;
	call.target = &target;
	call.column = COLUMN;
	return call_parse(&call, line, strlen(line));
}

static void expect_error(const char *line, size_t column, const char *what)
{
	size_t n = 0;

	assert_false(parse(line) && call.command && !call.failed);
	while (said[n] == ' ')
		n++;
	if (said[n] != '^' || n != COLUMN + column || !strstr(said, what))
		fail_msg("%s: %s(the caret is at %zu)", line, said, n);
	/* One line, and the usage when there is a command. */
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	assert_true(!call.command || strstr(said, call.command->synopsis));
}

static void names(void **state)
{
	static const struct { const char *text, *name; } cases[] = {
		{ "pte 1", "pte" }, { "!pte 1", "pte" }, { ".pte 1", "pte" }, { "PTE 1", "pte" }, { "walkit 1", "pte" },
		{ "!other 1", "pte" }, { "db", "db" }, { "!db", "!db" }, { ".db", "db" }, { "  mmu  ", "mmu" }, { "?1", "?" },
		{ "? 1", "?" }, { "eval 1", "?" }, { "pte(1)", "pte" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(parse(cases[i].text));
		assert_string_equal(call.command->name, cases[i].name);
	}
	assert_true(parse("") && !call.command);
	assert_true(parse("   ") && !call.command);
	expect_error("other 1", 0, "no such command");
	expect_error("  ptex", 2, "no such command");
	expect_error("!!pte", 0, "no such command");
	expect_error("?? 1", 0, "no such command");
}

static void arguments(void **state)
{
	(void)state;
	assert_true(parse("map c0001000 2000+0n16 rw-"));
	assert_true(call.arg[0].value == 0xc0001000 && call.arg[1].value == 0x2010);
	assert_string_equal(call.arg[2].text, "rw-");
	assert_int_equal(call.arg[2].at, 23);
	assert_true(parse("db @cr3 L10") && call.has_length && call.length == 16 && call.arg[0].value == 0x1234);
	assert_true(parse("db 1 l(2*3)") && call.has_length && call.length == 6);
	assert_true(parse("db 1 L?20000000") && call.has_length && call.length == 0x20000000);
	assert_true(parse("db 1 20") && !call.has_length && call.arg[1].value == 0x20);
	assert_true(parse("db") && !call.arg[0].given && !call.arg[1].given);
	assert_true(parse("demand -r 1000") && call.arg[0].given && call.arg[1].value == 0x1000);
	assert_string_equal(call.arg[0].text, "-r");
	assert_true(parse("demand 1000") && !call.arg[0].given && call.arg[1].value == 0x1000);
	assert_true(parse("setpte 1000 2 --noflush") && call.arg[1].value == 2);
	assert_string_equal(call.arg[2].text, "--noflush");
	assert_true(parse("setpte --noflush 1000 2") && call.arg[1].value == 2 && call.arg[2].given);
	assert_true(parse("pte 1,"));
}

/* Options of a table, at any position; an error shows the command as it was typed. */
static void table_of_options(void **state)
{
	uint64_t first, last;

	(void)state;
	assert_true(parse("ptdump --user 1000 --phys 5-(9-1) L 20 --at=ffffffffc0000000+4"));
	assert_true(call.arg[0].value == 0x1000 && call.has_length && call.length == 0x20);
	assert_true(call.option[0].given && call.option[1].given && call.option[2].given);
	assert_true(call_option_range(&call, 1, true, &first, &last) && first == 5 && last == 8);
	assert_true(call_option_address(&call, 2, &first) && first == 0xc0000004);
	assert_true(parse("ptdump 1000") && !call.option[0].given && !call.option[2].given);
	assert_true(parse("ptdump --phys 100000000-100000005"));
	assert_true(call_option_range(&call, 1, true, &first, &last) && last == 0x100000005);
	expect_error("ptdump --nope", 7, "no such option");
	expect_error("ptdump 5 --user --user", 16, "given twice");
	expect_error("ptdump --user=5", 14, "has no value");
	expect_error("ptdump --phys", 13, "--phys needs A-B");
	expect_error("pte --user", 6, "no such symbol");
	assert_true(parse("ptdump --phys 5 1") && !call_option_range(&call, 1, true, &first, &last) && call.failed);
	assert_string_equal(call.text, "ptdump --phys 5 1");
	assert_true(parse("ptdump --phys 9-8") && !call_option_range(&call, 1, true, &first, &last));
	assert_true(parse("ptdump --phys 9-") && !call_option_range(&call, 1, true, &first, &last));
	assert_true(parse("ptdump --at 1)") && !call_option_address(&call, 2, &first));
}

/* An address is cut to 32 bits; a physical address, an entry or a count is as it was typed. */
static void widths(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(parse("pte ffffffffc0001000") && call.arg[0].value == 0xc0001000);
	assert_true(parse("pte 0`c0001000") && call.arg[0].value == 0xc0001000);
	assert_true(parse("pte -1") && call.arg[0].value == 0xffffffff && call.arg[0].number == UINT64_MAX);
	assert_true(parse("pte 1`c0001000") && call.arg[0].value == 0x1c0001000);
	assert_true(parse("!db 80000000 ffffffff") && call.arg[0].value == 0x80000000 && call.arg[1].value == 0xffffffff);
	assert_true(parse("db 80000000 8000000f") && call.arg[0].value == 0x80000000 && call.arg[1].value == 0x8000000f);
	assert_true(parse("db 0 L?80000000") && call.length == 0x80000000 && call.unlimited);
	assert_true(parse("setpte c0000000 8000000000001163") && call.arg[1].value == 0x8000000000001163);
	assert_true(parse("setpte c0000000 80000063") && call.arg[1].value == 0x80000063);
	assert_true(parse("? 80000000") && call.arg[0].value == 0xffffffff80000000);
	assert_true(parse("? 0`80000000") && call.arg[0].value == 0x80000000);
	assert_true(parse("eb 0 80000000 80000000") && call_next(&call, &value) && value == 0xffffffff80000000);
	assert_true(call_next_number(&call, &value) && value == 0x80000000);
}

static void ranges(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(parse("db 100") && call_range(&call, 0, 1, 77, &n) && n == 77);
	assert_true(parse("db 100 1ff") && call_range(&call, 0, 1, 0, &n) && n == 0x100);
	assert_true(parse("db 100 107") && call_range(&call, 0, 4, 0, &n) && n == 2);
	assert_true(parse("db 100 L3") && call_range(&call, 0, 4, 0, &n) && n == 3);
	assert_true(parse("db 100 ff") && !call_range(&call, 0, 1, 0, &n) && call.failed);
	assert_true(parse("db 0 ffffffff") && !call_range(&call, 0, 1, 0, &n));
	/* 256 MiB, whatever the items are. */
	assert_true(parse("db 0 L10000000") && call_range(&call, 0, 1, 0, &n) && n == 0x10000000);
	assert_true(parse("db 0 L10000001") && !call_range(&call, 0, 1, 0, &n) && strstr(said, "Range error"));
	assert_true(parse("db 1234 L fffffff") && !call_range(&call, 0, 4, 0, &n) &&
	            strstr(said, "more than 4000000 items; L? lifts"));
	assert_true(parse("db 1234 L?fffffff") && call_range(&call, 0, 4, 0, &n) && n == 0xfffffff);
	assert_true(parse("!db 0 ffffffff") && !call_range(&call, 0, 1, 0, &n) && strstr(said, "Range error"));
	assert_int_equal(strspn(said, " "), COLUMN + 6);
}

static void errors(void **state)
{
	(void)state;
	expect_error("pte", 3, "missing argument");
	expect_error("pte ", 3, "missing argument");
	expect_error("pte 1 2", 6, "too many arguments");
	expect_error("mmu 1", 4, "takes no argument");
	expect_error("pte 1+", 6, "expected");
	expect_error("pte (1", 6, ") is missing");
	expect_error("pte 0xg", 6, "invalid digit");
	expect_error("pte @cr9", 4, "no such register");
	expect_error("pte put", 4, "ambiguous symbol: c0100000, c0100100; usage");
	expect_error("pte 1+many", 6, "c0100700 and 12 more, see x");
	expect_error("map 1 2", 7, "missing argument");
	expect_error("db 1 L", 6, "expected a count");
	expect_error("db 1 2 3", 7, "too many");
	/* A line that is not on the screen: the error names the column. */
	assert_false(parse("pte 1 2"));
	out_buf_init(&buffer, said, sizeof(said));
	call.column = SIZE_MAX;
	assert_false(call_parse(&call, "pte 1 2", 7));
	assert_true(strstr(said, "at character 7: too many arguments") == said);
}

static void rest(void **state)
{
	const char *word;
	uint64_t value;
	size_t at;

	(void)state;
	assert_true(parse("eb 1000 11 22+1, 33"));
	assert_true(call_next(&call, &value) && value == 0x11);
	assert_true(call_next(&call, &value) && value == 0x23);
	assert_true(call_next(&call, &value) && value == 0x33);
	assert_false(call_next(&call, &value) || call.failed);
	assert_true(parse("eb 1000 11 xyzzy"));
	assert_true(call_next(&call, &value) && !call_next(&call, &value) && call.failed);
	assert_int_equal(strspn(said, " "), COLUMN + 11);
	assert_true(parse("eb 0 \"two words\" \"open"));
	assert_true(call_next_word(&call, &word, &at) && at == 5);
	assert_string_equal(word, "two words");
	assert_true(call_next_word(&call, &word, &at));
	assert_string_equal(word, "open");
	assert_false(call_next_word(&call, &word, &at));
	assert_true(parse("eb 0 1 \t") && call_next(&call, &value) && call_end(&call) && !call.failed);
	assert_true(parse("eb 0 1  2") && call_next(&call, &value) && !call_end(&call) && call.failed);
	assert_true(strstr(said, "too many arguments"));
	assert_int_equal(strspn(said, " "), COLUMN + 8);
}

static void chains(void **state)
{
	static const struct { const char *line; size_t end; } cases[] = {
		{ "pte 1; pte 2", 5 }, { "pte 1", 5 }, { "", 0 }, { ";", 0 }, { "s \"a;b\";x", 7 }, { "s \"a;b", 6 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(command_end(cases[i].line) - cases[i].line, cases[i].end);
}

/* Whatever is typed: no crash, at most one line said, and nothing outside the buffers. */
static void noise(void **state)
{
	static const char *const parts[] = {
		"pte", "db", "!db", "map", "demand", "eb", "?", " ", " ", "L", "l?", "(", ")", "\"", "-r", "--x", "ptdump",
		"--phys", "--user", "--at=", "0x", "1",
		"ffffffffffffffff", "@cr3", "@", "+", "-", "*", "/", "<<", ",", "`", "nt!", "\t", "%s",
	};
	char line[LINE_BYTES];

	(void)state;
	srand(5);
	for (unsigned i = 0; i < 200000; i++) {
		size_t length = 0;
		const char *word;
		uint64_t value;
		size_t at;

		while (rand() % 12) {
			const char *part = parts[(size_t)rand() % ARRAY_LEN(parts)];

			if (length + strlen(part) + 1 >= sizeof(line))
				break;
			memcpy(line + length, part, strlen(part));
			length += strlen(part);
		}
		line[length] = 0;
		if (parse(line) && call.command && strchr(call.command->schema, '*'))
			while (rand() % 2 ? call_next(&call, &value) : call_next_word(&call, &word, &at))
				;
		assert_true(!call.failed || strchr(said, '\n') == said + strlen(said) - 1);
		assert_true(buffer.length < sizeof(said));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(arguments), cmocka_unit_test(table_of_options), cmocka_unit_test(widths),
		cmocka_unit_test(ranges), cmocka_unit_test(errors),
		cmocka_unit_test(rest), cmocka_unit_test(chains), cmocka_unit_test(noise),
	};
	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
