/* mm/space/cow.h - a write to a page that is not writable yet, in a range that may be written.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/fault.h"
#include "mm/space/rmap.h"

/* May an entry of the range that maps f's frame be writable? A shared range writes its own object's frames and anonymous
 * ones, a private range those that it has alone. A file's frames are written by the loader only. */
static inline bool cow_may_write(const struct vma *vma, const struct frame *f)
{
	if (!(vma->flags & VMA_SHARED))
		return f->refs <= 1 && !frame_is_object(f);
	return !frame_is_object(f) || (f->owner == owner_object(vma->object) && !vma->backing->read_only);
}

/* old is the page's record, frame_counted(). ACT_REUSE: the entry may just get W; ACT_REPLACE_ZERO or ACT_COPY: another
 * frame is needed first. */
enum fault_action cow_decide(const struct vma *vma, const struct frame *old);
/* That frame, with one reference. ERR_NO_MEMORY. */
MUST_USE err_t cow_copy(pfn_t old, enum fault_action action, pfn_t *new);
