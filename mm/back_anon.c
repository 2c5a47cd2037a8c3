/* mm/back_anon.c - memory behind which there is nothing: zeroes until it is written.
 * SPDX-License-Identifier: MIT
 */
#include "mm/fault.h"

static int fill(struct vma *vma, uint64_t va, bool write, pfn_t *pfn, prot_t *prot, int *action)
{
	(void)va;
	*prot = vma->prot;
	if (!write) {
		/* Everybody's zeroes, read-only until somebody writes. */
		*pfn = zero_frame;
		frame_get(zero_frame);
		*prot &= ~(prot_t)PROT_W;
		*action = ACT_ZERO_PAGE;
		return FAULT_FIXED;
	}
	*action = ACT_DEMAND_ZERO;
	return frame_alloc(FRAME_ZERO, FRAME_ACTIVE, pfn) == OK ? FAULT_FIXED : FAULT_NO_MEMORY;
}

const struct backing backing_anon = { .name = "anon", .fill = fill };
