/* mm/space/mlock.c - locked ranges: flags and their count.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/mlock.h"
#include "mm/space/share.h"
#include "mm/space/vma_tree.h"

struct mlock_pages mlock_pages;

static uint64_t pages_of(const struct vma *v)
{
	return ((uint64_t)v->last - v->first + 1) >> PAGE_SHIFT;
}

/* The first VMA that ends after `va`, up to one that begins after `last`. */
static struct vma *next(const struct aspace *as, uint64_t va, uint64_t last)
{
	struct vma *v = vma_tree_from(as, va);

	return v && v->first <= last ? v : NULL;
}

/* Pages of [first, last] that are in no locked VMA. */
static uint64_t unlocked(const struct aspace *as, uint64_t first, uint64_t last)
{
	uint64_t n = (last - first + 1) >> PAGE_SHIFT;

	for (struct vma *v = next(as, first, last); v && v->first <= last; v = vma_tree_next(v))
		if (v->flags & VMA_LOCKED) {
			uint64_t lo = v->first > first ? v->first : first, hi = v->last < last ? v->last : last;

			n -= (hi - lo + 1) >> PAGE_SHIFT;
		}
	return n;
}

static void set(struct vma *v, bool lock)
{
	if (!(v->flags & VMA_LOCKED) == !lock)
		return;
	v->flags ^= VMA_LOCKED;
	if (lock)
		mlock_pages.locked += pages_of(v);
	else
		mlock_pages.locked -= pages_of(v);
}

err_t mlock_range(struct aspace *as, uint64_t first, uint64_t len, bool lock)
{
	uint64_t last = first + (len - 1);
	err_t err;

	if (!vma_covers(as, first, last))
		return ERR_NOT_FOUND;
	if (lock && unlocked(as, first, last) + mlock_pages.locked > mlock_pages.most)
		return ERR_NO_MEMORY;
	/* Another space that shares a table would not see that its pages are locked. */
	err = lock ? share_end_range(as, first, len) : OK;
	if (err == OK)
		err = vma_split_ends(as, first, last);
	if (err != OK)
		return err;
	for (struct vma *v = next(as, first, last); v && v->first <= last; v = vma_tree_next(v))
		set(v, lock);
	return OK;
}

bool mlock_any(struct aspace *as, uint64_t first, uint64_t len)
{
	uint64_t last = first + (len - 1);

	for (struct vma *v = next(as, first, last); v && v->first <= last; v = vma_tree_next(v))
		if (v->flags & VMA_LOCKED)
			return true;
	return false;
}

void mlock_forget(const struct vma *v)
{
	if (v->flags & VMA_LOCKED)
		mlock_pages.locked -= pages_of(v);
}

bool mlock_grow(const struct vma *v, uint64_t pages)
{
	if (!(v->flags & VMA_LOCKED))
		return true;
	if (mlock_pages.locked + pages > mlock_pages.most)
		return false;
	mlock_pages.locked += pages;
	return true;
}
