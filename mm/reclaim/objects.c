/* mm/reclaim/objects.c - pages of objects that no PTE maps any more: found when memory is short.
 * SPDX-License-Identifier: MIT
 *
 * The prototype entry of such a page is still a leaf, so that a process which maps the page again, as the next run of a program
 * does, needs nothing of page-out. A trim of address spaces cannot find it.
 */
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"

/* Where the search continues. */
static struct { uint32_t object, index; } next_page;

/* True: the frame went to a list. */
static bool settle(const struct object *o, uint32_t index)
{
	struct frame *f;
	pfn_t pfn;

	if (!o->mode->format->page(o->mode, object_entry(o, index), 0, &pfn))
		return false;
	f = frame_at(pfn);
	if (f->maps || !page_is_ours(f))
		return false;
	frame_get(pfn);
	page_settle(f);
	return f->listed;
}

unsigned sweep_objects(unsigned n)
{
	unsigned done = 0;

	/* Each object once, and the one in which the search begins twice. */
	for (uint32_t seen = 0; done < n && seen <= object_limit(); seen++) {
		struct object *o = object_number(next_page.object);

		for (; done < n && o && o->frames && next_page.index < o->pages; next_page.index++)
			done += settle(o, next_page.index);
		if (done == n)
			break;
		next_page.index = 0;
		next_page.object = (next_page.object + 1) % object_limit();
	}
	reclaim_counts.trimmed += done;
	return done;
}
