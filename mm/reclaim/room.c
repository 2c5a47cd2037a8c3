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
#include "mm/wait.h"

/* Frames that are freed at a time. */
#define ROOM 16

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

/* Memory and page files are full, or there is no page file. */
static enum fault_result end_a_process(const struct vm_fault *f)
{
	unsigned seen = mm_events;

	if (!f->may_sleep || !mm_wait || !mm_wait->out_of_memory())
		return FAULT_NO_MEMORY;
	return mm_sleep(seen, true) ? FAULT_RETRY : FAULT_FIXED;
}

/* A killed process needs no page any more. */
enum fault_result room_for_fault(const struct vm_fault *f)
{
	switch (room_make(1, f->may_sleep)) {
	case ROOM_MADE:   return FAULT_RETRY;
	case ROOM_KILLED: return FAULT_FIXED;
	default:          return end_a_process(f);
	}
}
