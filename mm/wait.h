/* mm/wait.h - what mm needs of the scheduler: to wait for memory or for a disk, and to end a process.
 * SPDX-License-Identifier: MIT
 *
 * kernel/reclaim.c fills the table at boot. Before that nothing is paged out, so mm never waits.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct mm_wait {
	/* Returns when mm_events is not `seen` any more, or earlier: callers test their condition again. With `may_switch` other
	 * processes run meanwhile, so everything that the caller has looked up must be looked up again. Without, only interrupt
	 * handlers run. False: the running process was killed. */
	bool (*sleep)(unsigned seen, bool may_switch);
	/* Wakes every sleeper. Also called from interrupt handlers. */
	void (*wake)(void);
	/* Memory and page files are full: ends the process with the most pages in memory and in page files, with a line on the
	 * console. True: one ends, perhaps the running one, and the caller can try again after sleep(). */
	bool (*out_of_memory)(void);
	/* A write that begins with this slot has failed, or a read of this slot alone. */
	void (*io_error)(bool write, unsigned file, uint64_t slot);
	/* Since boot. */
	uint64_t (*ticks)(void);
	/* Those among them at which the CPU waited and a disk had requests: the disk alone decides how long this takes. */
	uint64_t (*disk_ticks)(void);
};
/* NULL: no scheduler yet. */
extern const struct mm_wait *mm_wait;

/* Events that a process can wait for: a transfer has ended, frames were freed. Read it before the condition, so that an event
 * between the test and the sleep is not missed. */
extern volatile unsigned mm_events;
static inline void mm_wake(void)
{
	mm_events++;
	if (mm_wait)
		mm_wait->wake();
}

/* mm_wait->sleep() on behalf of a fault: the time counts from the first such call to mm_wait_over(). */
bool mm_sleep(unsigned seen, bool may_switch);
/* The fault has its page, or ends without. */
void mm_wait_over(void);
/* Faults that waited, and the longest time that one did, from its first wait to its end, in ticks. longest_own: the same without
 * disk_ticks(), perhaps of another fault. */
extern struct mm_waits { uint64_t count, longest, longest_own; } mm_waits;
