/* mm/space/tlb.h - what to flush after changing entries, and what to free only then.
 * SPDX-License-Identifier: MIT
 *
 *     struct tlb_batch b;
 *     tlb_begin(&b, as);
 *     err = pt_unmap(&as->space, va, len, &(struct pt_change){ tlb_change, &b, "munmap" });
 *     tlb_finish(&b);        flushes pages, or everything when they are many; then puts the frames
 *
 * A table that came or went also flushes its self-map address. An unfinished batch asserts at the next tlb_begin.
 */
#pragma once
#include "mm/space/aspace.h"

#define TLB_BATCH 32
struct tlb_batch {
	struct aspace *as;
	unsigned pages;
	bool all, root;             /* flush everything; load the root again */
	uint64_t page[TLB_BATCH];
	uint32_t frame_head;        /* frames to put after the flush, linked through their records */
};
void tlb_begin(struct tlb_batch *b, struct aspace *as);
/* A pt_change_fn: ctx is the batch. Notes what to flush; frames of leaves are not its business. */
void tlb_change(void *ctx, uint64_t va, unsigned level, pte_t old, pte_t new);
/* Pages of level 0 in a row, for who changes entries without the walker. */
void tlb_pages(struct tlb_batch *b, uint64_t va, unsigned count);
/* Leaves the last reference of a frame to the batch: it is put after the flush. */
static inline void tlb_put(struct tlb_batch *b, struct frame *f)
{
	f->next = b->frame_head;
	b->frame_head = frame_index(f);
}
void tlb_finish(struct tlb_batch *b);
/* Is a batch open? Then no other may begin. */
bool tlb_is_open(void);
/* After whoever had a batch open was thrown out of (oops): flushes everything and forgets it. */
void tlb_reset(void);
