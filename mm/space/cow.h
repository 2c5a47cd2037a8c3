/* mm/space/cow.h - copy on write: a write to a read-only PTE in a writable VMA.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/fault.h"
#include "mm/space/object.h"

/* True if a PTE of the VMA that maps frame `f` can be writable. A shared VMA writes the frames of its object and anonymous frames;
 * a private VMA writes frames that only it references. Only the loader writes frames of files. */
static inline bool cow_may_write(const struct vma *vma, const struct frame *f)
{
	if (!(vma->flags & VMA_SHARED))
		return f->refs <= 1 && !frame_is_object(f);
	return !frame_is_object(f) || (object_has(vma->object, f) && !vma->backing->read_only);
}

/* `old`: the frame's record, from frame_counted(). ACT_REUSE: the entry can get W; ACT_REPLACE_ZERO, ACT_COPY: a new frame is
 * needed. */
static inline enum fault_action cow_decide(const struct vma *vma, const struct frame *old)
{
	/* Device memory has no record and is never shared copy-on-write. */
	if (!old)
		return ACT_REUSE;
	if (old->owner == OWNER_ZERO)
		return ACT_REPLACE_ZERO;
	return cow_may_write(vma, old) ? ACT_REUSE : ACT_COPY;
}
/* Allocates and fills the new frame, with one reference. ERR_NO_MEMORY. */
MUST_USE err_t cow_copy(pfn_t old, enum fault_action action, pfn_t *new);
