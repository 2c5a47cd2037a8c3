/* mm/reclaim/room.c - the path that frees memory for an allocation that found no frame.
 * SPDX-License-Identifier: MIT
 *
 * Nothing on this path allocates: requests of transfers are static, the disks have their own memory, and stores change entries
 * of tables that exist.
 */
#include "mm/reclaim/room.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/slots.h"
#include "mm/wait.h"

/* Frames that are freed at a time. */
#define ROOM 16
/* CROWDED_PAGES is more than one instruction can touch: x86 has two pages of text, and two of each operand in memory, which can
 * cross a page. Each page had to be brought in about ten times. */
#define CROWDED_FAULTS 64

/* Each turn frees standby frames, or trims and writes, or waits for a transfer. Pages that were trimmed may be standby pages
 * at once, which the next turn frees. */
enum room room_make(unsigned n, bool may_switch)
{
	unsigned got = 0;
	bool moved, waits;

	/* Without a page file only pages of files could leave, and programs need those to go on. */
	do {
		unsigned most = n - got > ROOM ? n - got : ROOM;

		(void)page_io_finish();
		got += pages_release(most);
		if (got >= n)
			return ROOM_MADE;
		moved = mm_store && trim_some(most) > 0;
		(void)write_modified();
		waits = page_io_pending() > 0;
		if (waits && !page_io_wait(may_switch) && page_io_pending())
			return ROOM_KILLED;
	} while (moved || waits);
	return got ? ROOM_MADE : ROOM_NONE;
}

/* Adds the page, if it is not there yet. With one page too many this is no repetition: it begins anew. */
static void note_page(struct crowded *c, uint64_t page)
{
	for (unsigned i = 0; i < c->pages; i++)
		if (c->page[i] == page)
			return;
	if (c->pages == CROWDED_PAGES)
		c->pages = c->faults = 0;
	c->page[c->pages++] = page;
}

bool room_is_crowded(const struct vm_fault *f)
{
	struct crowded *c = &f->as->crowded;

	if (!f->may_sleep)
		return false;
	if (c->pc != f->fault.pc)
		*c = (struct crowded){ .pc = f->fault.pc };
	note_page(c, ALIGN_DOWN(f->fault.va, (uint64_t)PAGE_SIZE));
	if (c->faults < CROWDED_FAULTS && ++c->faults < CROWDED_FAULTS)
		return false;
	if (!slots_are_full())
		c->faults = 0;
	return c->faults;
}

/* Memory and page files are full, or there is no page file. */
static enum fault_result end_a_process(const struct vm_fault *f)
{
	unsigned seen = mm_events;

	f->as->crowded.faults = 0;
	if (!f->may_sleep || !mm_wait || !mm_wait->out_of_memory())
		return FAULT_NO_MEMORY;
	return mm_sleep(seen, true) ? FAULT_RETRY : FAULT_FIXED;
}

/* A killed process needs no page any more. */
enum fault_result room_for_fault(const struct vm_fault *f)
{
	switch (room_is_crowded(f) ? ROOM_NONE : room_make(1, f->may_sleep)) {
	case ROOM_MADE:   return FAULT_RETRY;
	case ROOM_KILLED: return FAULT_FIXED;
	default:          return end_a_process(f);
	}
}
