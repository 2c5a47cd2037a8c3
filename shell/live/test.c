/* shell/live/test.c - test: runs the tests that are linked into the kernel (tests/kernel/).
 * SPDX-License-Identifier: MIT
 *
 * The output is a line protocol that scripts read: `TEST name ... ok`, `FAIL (why)` or `skip (why)`,
 * and a total. The command fails if a test fails. After each test mm_check() compares the kernel's
 * counters, so a test that leaves a damaged kernel fails itself. `all` leaves out tests that take
 * minutes (on_request).
 * Linux: KUnit.
 */
#include "kernel/console.h"
#include "kernel/oops.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "shell/command.h"
#include "tests/kernel/kernel_test.h"

/* The test that runs. Not on the stack: an oops jumps out of it, and the verdict must survive. */
static struct { const struct kernel_test *test; const char *verdict; } now;

/* Under guarded(): an oops ends the test and not the command. */
static void run_one(void *ctx)
{
	(void)ctx;
	now.verdict = now.test->run();
	if (!now.verdict)
		now.verdict = mm_check();
}

/* count: passed, failed, skipped. Output is sent before the test, since a test may stop the machine.
 * Oopses during a test that passes were expected, and do not count for the exit status
 * (oops_expected()). */
static void run(struct out *out, const struct kernel_test *t, unsigned count[3])
{
	uint64_t oopses = oops_count();
	const char *why;

	now.test = t;
	now.verdict = NULL;
	kernel_test_note[0] = 0;
	out_printf(out, "TEST %s ... ", t->name);
	console_flush();
	if (!guarded(run_one, NULL))
		now.verdict = "an oops ended it";
	why = now.verdict;
	if (!why) {
		count[0]++;
		oops_expected(oops_count() - oopses);
		out_puts(out, "ok\n");
	} else if (*why == *KERNEL_TEST_SKIP) {
		count[2]++;
		out_printf(out, "skip (%s)\n", why + 1);
	} else {
		count[1]++;
		out_printf(out, "FAIL (%s)\n", why);
	}
	if (kernel_test_note[0])
		out_printf(out, "     %s: %s\n", t->name, kernel_test_note);
}

/* Without an argument: the list. A name that no test has is an error. */
static void test(struct call *c)
{
	const char *name = c->arg[0].text;
	bool all = !strcmp(name, "all");
	unsigned count[3] = { 0 };

	for (const struct kernel_test *t = kernel_tests_start; t < kernel_tests_end; t++) {
		if (!c->arg[0].given)
			out_printf(c->out, "%-24s %s\n", t->name, t->what);
		else if ((all && !t->on_request) || !strcmp(name, t->name))
			run(c->out, t, count);
	}
	if (!c->arg[0].given)
		return;
	c->failed = count[1] > 0;
	if (count[0] + count[1] + count[2] == 0)
		call_fail(c, 0, "no such test; test without an argument lists them");
	else
		out_printf(c->out, "%u tests: %u ok, %u failed, %u skipped\n", count[0] + count[1] + count[2], count[0],
		           count[1], count[2]);
}
COMMAND(test) = {
	.name = "test", .schema = "W", .synopsis = "test [all|NAME]", .run = test,
	.what = "run the kernel's built-in tests",
	.help = "  kd> test heap\n  Without an argument: lists them. all skips those that take minutes.\n",
};
