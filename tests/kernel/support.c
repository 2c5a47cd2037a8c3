/* tests/kernel/support.c - what the tests share: repeatable chance, and the balance of what is held.
 * SPDX-License-Identifier: MIT
 */
#include "lib/list.h"
#include "mm/phys/heap.h"
#include "mm/space/aspace.h"
#include "mm/space/vmalloc.h"
#include "tests/kernel/kernel_test.h"

char kernel_test_note[200];
static uint32_t state = 1;

void test_seed(uint32_t seed)
{
	state = seed ? seed : 1;
}

uint32_t test_random(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

/* Caches keep free slabs, some kernel stacks and roots, and kernel-half tables are never freed: none of these is a leak. So the
 * caches are emptied first, and tables are not counted. */
void test_balance_take(struct test_balance *b)
{
	const struct frame_stats *s;
	struct heap_stats h;

	kstack_shrink();
	aspace_shrink();
	heap_shrink();
	s = frame_stats();
	heap_stats(&h);
	*b = (struct test_balance){
		.frames = (uint64_t)s->state[FRAME_FREE] + s->state[FRAME_ZEROED] + s->state[FRAME_TABLE],
		.objects = h.objects, .committed = kernel_aspace.counts.committed,
	};
	list_for_each(l, &aspaces)
		b->spaces++;
}

const char *test_balance_check(const struct test_balance *b)
{
	struct test_balance now;

	test_balance_take(&now);
	if (now.committed != b->committed)
		return "the number of committed pages is not what it was";
	if (now.objects != b->objects)
		return "heap objects leaked";
	if (now.frames != b->frames)
		return "frames leaked";
	return now.spaces == b->spaces ? NULL : "an address space is left over";
}
