/* shell/live/space_pages.c - the pages of a VMA, and their accessed bits.
 * SPDX-License-Identifier: MIT
 */
#include "shell/live/space_pages.h"
#include "mm/reclaim/replace.h"
#include "mm/space/rmap.h"

void space_pages(const struct vma *v, void (*fn)(void *ctx, const struct vma *v, uint64_t va, uint64_t pages,
                                                 const struct pt_slot *slot), void *ctx)
{
	const struct pt_space *s = &v->as->space;
	uint64_t va = v->first, last;

	do {
		struct pt_slot slot;
		uint64_t size;

		/* After an error the slot is complete, too: PT_BAD. */
		(void)!pt_lookup(s, va, 0, &slot);
		size = pt_level_size(s->half[0].mode->format, slot.level);
		last = ALIGN_DOWN(va, size) + (size - 1);
		if (last > v->last)
			last = v->last;
		fn(ctx, v, va, (last - va) / PAGE_SIZE + 1, &slot);
		va = last + 1;
	} while (last < v->last);
}

bool space_page_used(struct aspace *as, uint64_t va, const struct pt_slot *slot, bool clear)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	const struct frame *f;

	if (slot->level > 0)
		return mode->format->prot(mode, slot->level, slot->entry) & PROT_ACCESSED;
	if (!page_accessed(as, va, slot, clear))
		return false;
	f = frame_counted(slot->page);
	if (clear && f && !frame_is_object(f))
		replace_keep_young(f);
	return true;
}
