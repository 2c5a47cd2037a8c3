/* mm/reclaim/writer.c - writes modified pages to a page file, in requests of neighbouring slots.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/slots.h"

#define CLUSTER 16

/* The list's reference passes to the transfer, which also gets the reference to the slot that slots_take() gave. */
static void add_page(struct page_io *p, struct frame *f)
{
	page_unlist(f);
	page_name_slot(f, p->slot + p->io.count);
	frame_set_state(frame_pfn(f), FRAME_TRANSITION);
	f->busy = true;
	p->frame[p->io.count++] = frame_pfn(f);
}

static unsigned write_cluster(struct page_io *p)
{
	uint32_t wanted = modified_pages.count < CLUSTER ? modified_pages.count : CLUSTER;
	unsigned n = slots_take(wanted, &p->slot);

	p->io.count = 0;
	while (p->io.count < n)
		add_page(p, page_oldest(&modified_pages));
	if (n)
		page_io_start(p, true);
	else
		page_io_put(p);
	return n;
}

unsigned write_modified(void)
{
	unsigned done = 0, n = 1;
	struct page_io *p;

	while (n && mm_store && modified_pages.count && (p = page_io_get())) {
		n = write_cluster(p);
		done += n;
	}
	return done;
}
