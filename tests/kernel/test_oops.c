/* tests/kernel/test_oops.c - mistakes end what made them, and nothing else.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/console.h"
#include "kernel/oops.h"
#include "kernel/trap.h"
#include "mm/phys/kmap.h"
#include "mm/space/aspace.h"
#include "tests/kernel/kernel_test.h"

#define OOPSES 1000

static uint64_t printed;

static void swallow(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	(void)bytes;
	printed += n;
}

static volatile uintptr_t nowhere = 0x10;

static void read_nothing(void *ctx)
{
	/* Held when it is thrown out: a window, and a word of its own stack. */
	if (ctx)
		(void)kmap(*(pfn_t *)ctx);
	(void)*(volatile int *)nowhere;
}

static void undefined(void *ctx)
{
	(void)ctx;
	__builtin_trap();
}

static void nested(void *ctx)
{
	bool inner = guarded(read_nothing, ctx);

	(void)inner;
	undefined(NULL);
}

/* Their text is counted instead of sent: a minute of serial line otherwise. */
static bool silently(void (*fn)(void *ctx), void *ctx)
{
	void (*put)(struct out *, const char *, size_t) = console.put;
	bool ended;

	console_flush();
	console.put = swallow;
	ended = guarded(fn, ctx);
	console.put = put;
	return ended;
}

static const char *a_thousand(void)
{
	uint64_t before = oops_count();
	struct test_balance balance;
	pfn_t high;

	test_balance_take(&balance);
	EXPECT(frame_alloc(FRAME_ANY, FRAME_KERNEL, &high) == OK);
	for (unsigned i = 0; i < OOPSES; i++) {
		printed = 0;
		EXPECT(!silently(i % 2 ? undefined : read_nothing, i % 2 ? NULL : &high));
		EXPECT(printed > 200);
	}
	frame_put(high);
	EXPECT(oops_count() == before + OOPSES);
	EXPECT(last_trap() && current_irql == PASSIVE_LEVEL);
	return test_balance_check(&balance);
}
KERNEL_TEST(oops) = { "oops", "1,000 oopses in a row leak nothing", a_thousand, false };

static const char *inside_another(void)
{
	uint64_t before = oops_count();

	EXPECT(!silently(nested, NULL));
	EXPECT(oops_count() == before + 2);
	return NULL;
}
KERNEL_TEST(oops_nested) = { "oops_nested", "guarded calls nest", inside_another, false };

static volatile unsigned deepest = UINT32_MAX;

static __attribute__((noinline)) unsigned dig(volatile unsigned depth)
{
	volatile unsigned char room[128];

	room[0] = (unsigned char)depth;
	return (depth < deepest ? dig(depth + 1) : 0) + room[0];
}

static void overflow(void *ctx)
{
	(void)ctx;
	(void)dig(0);
}

/* Three times: its own stack and descriptors are as good as new afterwards. */
static const char *double_fault(void)
{
	uint64_t before = oops_count();

	for (unsigned i = 0; i < 3; i++) {
		printed = 0;
		EXPECT(!silently(overflow, NULL));
		EXPECT(printed > 200);
	}
	EXPECT(oops_count() == before + 3);
	return NULL;
}
KERNEL_TEST(overflow) = { "overflow", "a kernel stack overflow is reported, on a stack of its own", double_fault, false };
