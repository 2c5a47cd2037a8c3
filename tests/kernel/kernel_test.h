/* tests/kernel/kernel_test.h - a test that runs inside the kernel: one struct in a linker section.
 * SPDX-License-Identifier: MIT
 *
 *     static const char *heap(void) { EXPECT(kmalloc(0) == NULL); return NULL; }
 *     KERNEL_TEST(heap) = { "heap", "sizes, alignment, no leak", heap };
 *
 * run returns NULL when all is well, else what is not; KERNEL_TEST_SKIP "reason" when it cannot run here. A test
 * leaves the kernel as it found it: after each, mm_check() looks at everything. An oops ends a test and fails it.
 */
#pragma once
#include "lib/addr.h"
#include "lib/err.h"
#include <stdbool.h>
#include <stdint.h>

struct kernel_test {
	const char *name, *what;
	const char *(*run)(void);
	bool on_request;        /* minutes long: `test all` leaves it out */
};
#define KERNEL_TEST(id) \
	static const struct kernel_test kernel_test_##id \
	__attribute__((used, aligned(sizeof(void *)), section(".kernel_tests." #id)))
extern const struct kernel_test kernel_tests_start[], kernel_tests_end[];

#define KERNEL_TEST_SKIP "\001"

/* What the test that runs has to tell beside its verdict; printed below it. Empty at the beginning of each. */
extern char kernel_test_note[200];

#define TEST_STRING_(x) #x
#define TEST_STRING(x) TEST_STRING_(x)
/* Returns from the test with the condition as its reason. */
#define EXPECT(cond) \
	do { \
		if (!(cond)) \
			return "line " TEST_STRING(__LINE__) ": " #cond; \
	} while (0)

/* Repeatable: xorshift32 (Marsaglia 2003), below n. */
uint32_t test_random(uint32_t n);
void test_seed(uint32_t seed);
/* What must be the same before and after: frames in use by state, heap objects, committed pages. NULL, or what
 * changed. */
struct test_balance { uint64_t frames, objects, committed, spaces; };
void test_balance_take(struct test_balance *b);
const char *test_balance_check(const struct test_balance *b);
