/* mm/backing/anon.c - anonymous memory: zeroes until it is written.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/fault.h"

static enum fault_result fill(struct vma *vma, vaddr_t va, bool write, struct filling *out)
{
	(void)vma;
	(void)va;
	out->writable = write;
	if (!write) {
		/* The shared zero frame, read-only until the first write. */
		out->action = ACT_ZERO_PAGE;
		out->pfn = zero_frame;
		frame_get(zero_frame);
		return FAULT_FIXED;
	}
	out->action = ACT_DEMAND_ZERO;
	return frame_alloc(FRAME_ZERO, FRAME_ACTIVE, &out->pfn) == OK ? FAULT_FIXED : FAULT_NO_MEMORY;
}

const struct backing backing_anon = { .name = "anon", .fill = fill };
