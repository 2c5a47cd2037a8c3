/* tests/kernel/test_access.c - every combination of entry bits against the CPU: does what happens agree with predict()?
 * SPDX-License-Identifier: MIT
 *
 * One page of a root of its own, reached by real tables. For each case its entries are written, the translation is
 * flushed, the access is predicted, then done, and outcome, error code, A and D bits are compared with
 * the prediction. access_x86.c and access_arm.c have the products. The kernel reads, writes and executes with
 * arch_probe(), and reads and writes as it does for a program; user mode runs three instructions of its own.
 */
#include "lib/string.h"
#include "tests/kernel/access.h"

/* Two-level tables have the fewest bits. */
#define FEWEST_QUICK 2500
#define FEWEST 12000

static const char *product(struct access_world *w, bool quick)
{
	uint64_t cases = 0;
	const char *why = access_copies_as_user() ? access_product_arm(w, quick, &cases)
	                                          : access_product_x86(w, quick, &cases);

	access_deviations_note(cases);
	if (!why && cases < (quick ? FEWEST_QUICK : FEWEST))
		return "too few cases were tried";
	return why;
}

static const char *run(bool quick)
{
	struct access_world *world;
	struct test_balance balance;
	const char *why;

	if (!access_code_exists())
		return KERNEL_TEST_SKIP "no instructions for this CPU's user mode are known to the test";
	access_deviations_forget();
	test_balance_take(&balance);
	why = access_create(&world);
	if (why)
		return why;
	why = product(world, quick);
	access_destroy(world);
	if (!why)
		why = access_deviations_check();
	return why ? why : test_balance_check(&balance);
}

static const char *access_full(void)
{
	return run(false);
}
KERNEL_TEST(access) = { "access", "all entry bits, accesses and modes: prediction and CPU agree", access_full, true };

static const char *access_quick(void)
{
	return run(true);
}
KERNEL_TEST(access_quick) = { "access_quick", "the same with fewer bits, tables and modes", access_quick, false };
