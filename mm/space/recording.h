/* mm/space/recording.h - closed pages: resident pages whose next use faults, so that a recorder sees it (mm/reclaim/recorder.h).
 * SPDX-License-Identifier: MIT
 *
 * The PTE of a closed page is a leaf without the rights of user mode, of a VMA that has them. The VMA decides what is permitted, so
 * the fault is a soft one: it stores the rights again (ACT_OPENED), without W, because the first write is a use of its own. The
 * frame, its counts and its owner stay as they are; fork(), unmap, mprotect() and eviction find a leaf as any other.
 */
#pragma once
#include "mm/space/fault.h"

/* aspace.recorded */
enum { RECORDED_NO, RECORDED_BITS, RECORDED_FAULTS };

struct recording_ops {
	/* A fault below USER_END of a space with RECORDED_FAULTS is resolved. */
	void (*used)(struct vm_fault *f);
	/* A recorded space is about to be destroyed. */
	void (*gone)(struct aspace *as);
};
/* Set while a space is recorded. */
extern const struct recording_ops *recording;

/* Removes from the PTE of a page the rights of user mode, and flushes the TLB entry. True: the PTE changed. Pages that user mode
 * must not use, and those that a write would have to copy although their PTE permits it, stay as they are. So does a page below a
 * table that another space shares, if no memory is left for a table of its own. */
bool page_close(struct aspace *as, uint64_t va);
/* Gives a closed page the rights of its VMA without W. True: the PTE changed. */
bool page_open(struct aspace *as, uint64_t va);
/* Removes W from the PTE of a page, for the first write to fault. */
void page_open_for_reads(struct aspace *as, uint64_t va);
/* All pages of [first, last]. Returns the number of PTEs that changed. */
uint64_t pages_close(struct aspace *as, uint64_t first, uint64_t last);
uint64_t pages_open(struct aspace *as, uint64_t first, uint64_t last);
/* Calls `fn` for each level-0 leaf of the VMAs of the space in [first, last], guards excepted. Returns how often it was true. */
uint64_t pages_each_leaf(struct aspace *as, uint64_t first, uint64_t last, bool (*fn)(struct aspace *as, uint64_t va));
