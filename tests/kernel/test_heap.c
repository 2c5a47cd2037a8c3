/* tests/kernel/test_heap.c - kmalloc and kfree: sizes, alignment, contents, nothing left behind.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "mm/phys/heap.h"
#include "tests/kernel/kernel_test.h"

#define SLOTS 96
#define STEPS 4000

static struct { unsigned char *p; size_t size; unsigned char fill; } slot[SLOTS];

static bool holds(unsigned i)
{
	for (size_t n = 0; n < slot[i].size; n++)
		if (slot[i].p[n] != slot[i].fill)
			return false;
	return true;
}

static size_t some_size(void)
{
	return 1 + (test_random(8) ? test_random(600) : test_random(HEAP_MAX));
}

static const char *chance(void)
{
	struct test_balance balance;

	test_seed(2);
	test_balance_take(&balance);
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = test_random(SLOTS);

		if (slot[i].p) {
			EXPECT(holds(i));
			kfree(slot[i].p);
			slot[i].p = NULL;
			continue;
		}
		slot[i].size = some_size();
		slot[i].fill = (unsigned char)step;
		slot[i].p = kmalloc(slot[i].size);
		if (!slot[i].p)
			continue;
		EXPECT(IS_ALIGNED((uintptr_t)slot[i].p, (uintptr_t)HEAP_ALIGN) && kmalloc_size(slot[i].p) >= slot[i].size);
		memset(slot[i].p, slot[i].fill, slot[i].size);
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		EXPECT(!slot[i].p || holds(i));
		kfree(slot[i].p);
		slot[i].p = NULL;
	}
	return test_balance_check(&balance);
}
KERNEL_TEST(heap) = { "heap", "allocations of chance sizes keep their contents", chance, false };

static const char *limits(void)
{
	void *p;

	EXPECT(!kmalloc(0) && !kmalloc(HEAP_MAX + 1));
	p = kzalloc(HEAP_MAX);
	EXPECT(p && IS_ALIGNED((uintptr_t)p, PAGE_SIZE));
	for (unsigned i = 0; i < HEAP_MAX; i++)
		EXPECT(((unsigned char *)p)[i] == 0);
	kfree(p);
	kfree(NULL);
	return NULL;
}
KERNEL_TEST(heap_limits) = { "heap_limits", "no size, too much, and the most there is", limits, false };
