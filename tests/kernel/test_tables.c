/* tests/kernel/test_tables.c - the tables that the linker gathers are whole: commands and tests.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "shell/command.h"
#include "tests/kernel/kernel_test.h"

static const char *commands(void)
{
	EXPECT(((uintptr_t)commands_end - (uintptr_t)commands_start) % sizeof(struct command) == 0);
	for (const struct command *c = commands_start; c < commands_end; c++) {
		EXPECT(c->name && c->schema && c->synopsis && c->what && c->help && c->run);
		EXPECT(strlen(c->schema) <= COMMAND_ARGS + 1);
		for (const char *s = c->schema; *s; s++)
			EXPECT(strchr("aAbeEuUwWoR*", *s));
		EXPECT(str_starts(c->synopsis, c->name + (*c->synopsis != *c->name)));
		/* The first of its name, so that nothing hides it. */
		EXPECT(command_find(c->name, strlen(c->name)) == c);
		EXPECT(c->help[strlen(c->help) - 1] == '\n');
	}
	return NULL;
}
KERNEL_TEST(commands) = { "commands", "every command is complete and can be called by its name", commands, false };

static const char *tests(void)
{
	EXPECT(((uintptr_t)kernel_tests_end - (uintptr_t)kernel_tests_start) % sizeof(struct kernel_test) == 0);
	for (const struct kernel_test *t = kernel_tests_start; t < kernel_tests_end; t++)
		EXPECT(t->name && t->what && t->run);
	return NULL;
}
KERNEL_TEST(tests) = { "tests", "every test is complete", tests, false };
