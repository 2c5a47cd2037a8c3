/* mm/backing/phys.c - backing by a physical range: reserved memory, device registers.
 * SPDX-License-Identifier: MIT
 */
#include "mm/backing/file.h"
#include "mm/space/fault.h"
#include "mm/space/rmap.h"

/* A frame with an owner gets a reference while it is mapped. A frame without a record, or a hole, is not counted. */
static enum fault_result fill(struct vma *vma, vaddr_t va, bool write, struct filling *out)
{
	uint64_t pa = ALIGN_DOWN(va, PAGE_SIZE) - vma->first + vma->offset;
	struct frame *f;

	*out = (struct filling){ .pfn = pfn_of(PADDR(pa)), .writable = true, .action = ACT_FILE_PAGE };
	f = frame_counted(out->pfn);
	if (f) {
		/* Free RAM may become anybody's the next moment. */
		if (f->refs == 0)
			return FAULT_IO_ERROR;
		/* A page of a file or a section is written through that object only. */
		if (frame_is_object(f) && write)
			return FAULT_DENIED;
		out->writable = !frame_is_object(f);
		frame_get(out->pfn);
	}
	return FAULT_FIXED;
}

const struct backing backing_phys = { .name = "phys", .fill = fill };
