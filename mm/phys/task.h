/* mm/phys/task.h - what mm keeps for one process: its open TLB batch and its kmap slots.
 * SPDX-License-Identifier: MIT
 *
 * A process can sleep during a change to its memory, and another process can then use a batch or slots of its own. After an oops,
 * the kernel releases the batch and slots of the process that failed only.
 */
#pragma once
#include <stdint.h>

struct tlb_batch;

/* Initialise with zeroes. */
struct mm_task {
	struct tlb_batch *batch;    /* between tlb_begin() and tlb_finish(); at most one */
	uint32_t kmap_slots;        /* bit n: slot n is the process's */
	uint64_t waits_since;       /* tick at which its fault began to wait, plus 1; 0: it does not wait */
	uint64_t disk_since;        /* mm_wait->disk_ticks() at that tick */
};

/* That of the running process; the scheduler sets it at each switch. Before the first process: a static one. Never NULL. */
extern struct mm_task *mm_task;
