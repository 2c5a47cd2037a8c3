/* mm/cow.h - a write to a page that is not writable yet, in a range that may be written.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/fault.h"

/* old is the page's record, frame_counted(). ACT_REUSE: the entry may just get W; ACT_REPLACE_ZERO or ACT_COPY: another
 * frame is needed first. */
enum fault_action cow_decide(const struct vma *vma, const struct frame *old);
/* That frame, with one reference. ERR_NO_MEMORY. */
MUST_USE err_t cow_copy(pfn_t old, enum fault_action action, pfn_t *new);
