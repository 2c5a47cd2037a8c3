/* tests/kernel/test_frame.c - the frame allocator on this machine's memory.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "mm/phys/frame.h"
#include "mm/phys/kmap.h"
#include "tests/kernel/kernel_test.h"

#define FRAMES 64

static const char *singles_and_runs(void)
{
	struct test_balance balance;
	pfn_t pfn[FRAMES];

	test_balance_take(&balance);
	for (unsigned i = 0; i < FRAMES; i++) {
		unsigned order = i % (FRAME_MAX_ORDER + 1);

		EXPECT(frame_alloc_run(order, FRAME_LOW, FRAME_KERNEL, &pfn[i]) == OK);
		EXPECT(IS_ALIGNED(pfn[i].v, (uint64_t)1 << order) && frame_is_low(pfn[i]));
		for (unsigned n = 0; n < 1u << order; n++)
			EXPECT(frame_at(PFN(pfn[i].v + n))->refs == 1);
	}
	for (unsigned i = FRAMES; i-- > 0; )
		frame_free_run(pfn[i], 1u << i % (FRAME_MAX_ORDER + 1));
	return test_balance_check(&balance);
}
KERNEL_TEST(frame_runs) = { "frame_runs", "single frames and aligned runs", singles_and_runs, false };

static bool is_zero(pfn_t pfn)
{
	const uint32_t *word = kmap(pfn);
	uint32_t any = 0;

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		any |= word[i];
	kunmap(word);
	return any == 0;
}

static const char *zeroed(void)
{
	struct test_balance balance;
	pfn_t pfn;

	test_balance_take(&balance);
	for (unsigned i = 0; i < FRAMES; i++) {
		uint32_t *word;

		EXPECT(frame_alloc(FRAME_ZERO, FRAME_ACTIVE, &pfn) == OK);
		EXPECT(is_zero(pfn));
		word = kmap(pfn);
		word[i] = UINT32_MAX;
		kunmap(word);
		EXPECT(frame_put(pfn));
		frame_zero_some(i % 3);
	}
	return test_balance_check(&balance);
}
KERNEL_TEST(frame_zero) = { "frame_zero", "frames asked for zeroed are zero, also after use", zeroed, false };

/* Every frame that can be had, linked through the holder's links from *head on; how many. */
static uint32_t take_all(uint32_t *head)
{
	uint32_t count = 0;
	pfn_t pfn;

	for (*head = FRAME_NIL; frame_alloc(FRAME_ANY, FRAME_KERNEL, &pfn) == OK; count++) {
		frame_at(pfn)->next = *head;
		*head = frame_index(frame_at(pfn));
	}
	return count;
}

static void give_back(uint32_t head)
{
	while (head != FRAME_NIL) {
		struct frame *f = &frame_db.record[head];

		head = f->next;
		f->next = FRAME_NIL;
		frame_put(frame_pfn(f));
	}
}

static const char *exhaustion(void)
{
	struct test_balance balance;
	uint32_t head, count, available, left;

	/* The first shortage empties every cache. */
	(void)take_all(&head);
	give_back(head);
	test_balance_take(&balance);
	available = frame_available();
	count = take_all(&head);
	left = frame_available();
	give_back(head);
	EXPECT(count == available && left == 0);
	EXPECT(frame_available() == available);
	return test_balance_check(&balance);
}
KERNEL_TEST(frame_exhaustion) = { "frame_exhaustion", "every frame can be had once, then none", exhaustion, false };

static const char *windows(void)
{
	struct test_balance balance;
	pfn_t pfn[KMAP_SLOTS];
	uint32_t *word[KMAP_SLOTS], back;

	test_balance_take(&balance);
	for (unsigned i = 0; i < KMAP_SLOTS; i++) {
		EXPECT(frame_alloc(FRAME_ANY, FRAME_KERNEL, &pfn[i]) == OK);
		if (frame_is_low(pfn[i])) {
			for (unsigned n = 0; n <= i; n++)
				frame_put(pfn[n]);
			return KERNEL_TEST_SKIP "all of this machine's RAM is in the direct map";
		}
		word[i] = kmap(pfn[i]);
		word[i][i] = 0xC0DE0000u + i;
	}
	for (unsigned i = KMAP_SLOTS; i-- > 0; ) {
		EXPECT(word[i][i] == 0xC0DE0000u + i);
		kunmap(word[i]);
		EXPECT(phys_read(paddr_add(pfn_base(pfn[i]), i * sizeof(back)), &back, sizeof(back)) == OK);
		EXPECT(back == 0xC0DE0000u + i);
		frame_put(pfn[i]);
	}
	return test_balance_check(&balance);
}
KERNEL_TEST(kmap) = { "kmap", "windows show frames above the direct map, several at once", windows, false };
