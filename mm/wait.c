/* mm/wait.c - the time that faults wait.
 * SPDX-License-Identifier: MIT
 */
#include "mm/wait.h"
#include "mm/phys/task.h"

const struct mm_wait *mm_wait;
volatile unsigned mm_events;
struct mm_waits mm_waits;

bool mm_sleep(unsigned seen, bool may_switch)
{
	if (!mm_task->waits_since) {
		mm_task->waits_since = mm_wait->ticks() + 1;
		mm_task->disk_since = mm_wait->disk_ticks();
	}
	return mm_wait->sleep(seen, may_switch);
}

void mm_wait_over(void)
{
	uint64_t ticks, own;

	if (!mm_task->waits_since)
		return;
	ticks = mm_wait->ticks() + 1 - mm_task->waits_since;
	own = ticks - (mm_wait->disk_ticks() - mm_task->disk_since);
	mm_task->waits_since = 0;
	mm_waits.count++;
	if (ticks > mm_waits.longest)
		mm_waits.longest = ticks;
	if (own > mm_waits.longest_own)
		mm_waits.longest_own = own;
}
