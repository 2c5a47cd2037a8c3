/* mm/back_phys.c - a physical range behind virtual addresses: reserved memory, device registers.
 * SPDX-License-Identifier: MIT
 */
#include "mm/fault.h"
#include "mm/file.h"
#include "mm/rmap.h"

/* A frame that somebody owns is held while it is mapped; what has no record, or is a hole, is nobody's to count. */
static int fill(struct vma *vma, uint64_t va, bool write, pfn_t *pfn, prot_t *prot, int *action)
{
	uint64_t pa = ALIGN_DOWN(va, (uint64_t)PAGE_SIZE) - vma->first + vma->offset;
	struct frame *f;

	(void)write;
	*pfn = pfn_of(PADDR(pa));
	*prot = vma->prot;
	*action = ACT_FILE_PAGE;
	f = frame_counted(*pfn);
	if (f) {
		/* Free RAM may become anybody's the next moment. */
		if (f->refs == 0)
			return FAULT_IO_ERROR;
		frame_get(*pfn);
	}
	return FAULT_FIXED;
}

const struct backing backing_phys = { .name = "phys", .fill = fill };
