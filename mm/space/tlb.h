/* mm/space/tlb.h - TLB batch: collects addresses to flush, and frames to free after the flush.
 * SPDX-License-Identifier: MIT
 *
 *     struct tlb_batch b;
 *     tlb_begin(&b, as);
 *     err = pt_unmap(&as->space, va, len, &(struct pt_change){ tlb_change, &b, "munmap" });
 *     tlb_finish(&b);        flushes the pages, or everything if they are many; then drops the frames
 *
 * A new or removed table also flushes its self-map address. A process has at most one open batch: a
 * second tlb_begin() asserts.
 */
#pragma once
#include "mm/space/aspace.h"

#define TLB_BATCH 32
struct tlb_batch {
	struct aspace *as;
	unsigned pages;
	bool all, root;             /* flush everything; reload the root */
	uint64_t page[TLB_BATCH];
	uint32_t frame_head;        /* frames to drop after the flush, linked through their records */
};
void tlb_begin(struct tlb_batch *b, struct aspace *as);
/* A pt_change_fn; ctx is the batch. Records what to flush; does not handle the frames of leaves. */
void tlb_change(void *ctx, uint64_t va, unsigned level, pte_t old, pte_t new);
/* Adds `count` consecutive pages, for callers that change level-0 entries without the walker. */
void tlb_pages(struct tlb_batch *b, uint64_t va, unsigned count);
/* Passes the last reference of a frame to the batch, which drops it after the flush. */
static inline void tlb_put(struct tlb_batch *b, struct frame *f)
{
	f->next = b->frame_head;
	b->frame_head = frame_index(f);
}
void tlb_finish(struct tlb_batch *b);
/* True if the running process has an open batch; then it cannot begin another. */
bool tlb_is_open(void);
/* After an oops: if the running process has an open batch, flushes everything and discards the batch. */
void tlb_reset(void);
