/* mm/reclaim/commit.c - counts the pages promised to programs.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/commit.h"
#include "mm/backing/file.h"
#include "mm/reclaim/compressed.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/slots.h"

static uint64_t charged(const struct aspace *as)
{
	uint64_t bytes = 0;

	list_for_each(l, &as->vmas) {
		const struct vma *v = container_of(l, struct vma, link);

		if (v->flags & VMA_CHARGED)
			bytes += (uint64_t)v->last - v->first + 1;
	}
	return bytes >> PAGE_SHIFT;
}

struct commit commit_now(void)
{
	struct commit c = { .pages = 0, .limit = reclaim_frames() };
	struct compressed_stats packed;
	struct slot_stats s;

	/* The kernel's ranges are frames of the kernel already, which the limit does not contain. */
	list_for_each(l, &aspaces)
		if (container_of(l, struct aspace, link) != &kernel_aspace)
			c.pages += charged(container_of(l, struct aspace, link));
	list_for_each(l, &sections)
		c.pages += container_of(l, struct section, link)->size >> PAGE_SHIFT;
	for (unsigned file = 0; file < SLOT_DISKS; file++)
		if (slots_stats(file, &s))
			c.limit += s.total - 1 - s.bad;
	/* Its slots are more than what certainly fits. */
	if (compressed_stats(&packed))
		c.limit += packed.pool >> PAGE_SHIFT;
	return c;
}
