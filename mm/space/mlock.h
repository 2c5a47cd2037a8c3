/* mm/space/mlock.h - ranges whose pages stay in memory (VMA_LOCKED).
 * SPDX-License-Identifier: MIT
 *
 * A frame that a page of a locked range maps is not unmapped, in no address space. fork() gives the child no lock.
 */
#pragma once
#include "mm/space/vma.h"

/* Pages of all locked ranges, and the most that there may be: locked pages must leave room for those of other programs. */
extern struct mlock_pages { uint64_t locked, most; } mlock_pages;
/* Sets or clears VMA_LOCKED for [first, first+len), which VMAs must cover completely; splits at the ends. The caller faults the
 * pages in. ERR_NOT_FOUND: not covered. ERR_NO_MEMORY: more than mlock_pages.most, or no memory for a VMA. Nothing changed then. */
MUST_USE err_t mlock_range(struct aspace *as, uint64_t first, uint64_t len, bool lock);
/* True if a locked VMA covers a part of [first, first+len). */
bool mlock_any(struct aspace *as, uint64_t first, uint64_t len);
/* The VMA is removed. */
void mlock_forget(const struct vma *v);
/* A VMA is to have so many pages more. False: it is locked, and there would be too many. */
bool mlock_grow(const struct vma *v, uint64_t pages);
