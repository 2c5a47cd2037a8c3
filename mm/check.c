/* mm/check.c - runs every consistency check of memory: frames, heap, the zero frame, VMAs and their tree.
 * SPDX-License-Identifier: MIT
 *
 * fsck calls it. The first error is returned as a phrase that is valid until the next call.
 */
#include "lib/out.h"
#include "mm/mm.h"
#include "mm/phys/heap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/space/fault.h"
#include "mm/space/mlock.h"
#include "mm/space/rmap.h"
#include "mm/space/vma_tree.h"

static char text[120];

static const char *say(const char *what, uint64_t where)
{
	str_printf(text, sizeof(text), "%s at %llx", what, (unsigned long long)where);
	return text;
}

static const char *check_ranges(struct aspace *as)
{
	uint64_t end = 0, pages = 0;
	const struct vma *where = NULL;
	const char *what;

	list_for_each(l, &as->vmas) {
		struct vma *v = container_of(l, struct vma, link);

		if (v->first < end || v->last < v->first)
			return say("VMAs overlap or are not in ascending order", v->first);
		end = v->last;
		pages += vma_committed(v);
	}
	what = vma_tree_check(as, &where);
	if (what)
		return say(what, where ? where->first : 0);
	/* Kernel stacks are mapped without a VMA. */
	if (as != &kernel_aspace && pages != aspace_counts(as, NULL).committed)
		return say("an address space's count of committed pages is wrong, it has", pages);
	return NULL;
}

static const char *check_locked(void)
{
	uint64_t pages = 0;

	list_for_each(l, &aspaces)
		list_for_each(k, &container_of(l, struct aspace, link)->vmas) {
			const struct vma *v = container_of(k, struct vma, link);

			pages += v->flags & VMA_LOCKED ? ((uint64_t)v->last - v->first + 1) >> PAGE_SHIFT : 0;
		}
	return pages == mlock_pages.locked ? NULL : say("the count of locked pages is wrong, there are", pages);
}

const char *mm_check(void)
{
	const void *where = NULL;
	pfn_t frame = PFN(0);
	const char *what = frame_check(&frame);

	if (what)
		return say(what, frame.v);
	what = heap_check(&where);
	if (what)
		return say(what, (uintptr_t)where);
	what = zero_frame_check();
	if (!what) {
		uint64_t number = 0;

		what = reclaim_check(&number);
		if (what)
			return say(what, number);
	}
	list_for_each(l, &aspaces)
		if (!what)
			what = check_ranges(container_of(l, struct aspace, link));
	return what ? what : check_locked();
}
