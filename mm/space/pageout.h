/* mm/space/pageout.h - what the handling of faults and entries needs of page-out (mm/reclaim), a layer above it.
 * SPDX-License-Identifier: MIT
 *
 * A page that is not mapped is named by its software entry:
 *   transition    the frame still holds the page; the entry holds a reference to it (frame.refs, frame.transitions)
 *   page file     the page is in a slot of a page file; the entry holds a reference to the slot
 */
#pragma once
#include "mm/space/fault.h"

struct pageout_ops {
	/* A fault on a software entry, f->found.entry, that the VMA permits. FAULT_RETRY: it slept, or the entry changed. */
	enum fault_result (*fault)(struct vm_fault *f);
	/* No frame is free: evicts pages, and may sleep. FAULT_RETRY: try the fault again. FAULT_FIXED: the process was killed, and
	 * ends before it returns to user mode. FAULT_NO_MEMORY. */
	enum fault_result (*make_room)(const struct vm_fault *f);
	/* fork() has stored a copy of a software entry in a table of `as`. */
	void (*copied)(struct aspace *as, pte_t entry);
	/* A software entry was removed from a table of `as`. */
	void (*dropped)(struct aspace *as, pte_t entry);
	/* The last PTE of a frame was removed, and transition entries still refer to it. */
	void (*unmapped)(struct frame *f);
	/* A frame whose record names a slot gets a writable PTE: the slot's bytes are old from now on. */
	void (*written)(struct frame *f);
};
/* NULL: nothing is paged out, and only demand-zero entries exist. */
extern const struct pageout_ops *pageout;

/* True if an entry, not present, names a page. */
bool pageout_names_page(const struct pt_mode *mode, pte_t entry);
/* The number that the Protect field has for these rights (WinDbg: 4 is ReadWrite). */
uint8_t pageout_protect(prot_t prot);
/* Gives the software entries of [first, first + len), a part of the VMA, the VMA's protection. */
void pageout_protect_entries(struct vma *v, uint64_t first, uint64_t len);
/* Drops the reference of a removed PTE, which is not the last reference. */
static inline void pageout_drop(struct frame *f)
{
	f->refs--;
	if (!f->maps && f->transitions && pageout)
		pageout->unmapped(f);
}
/* Drops the reference of a removed PTE, after the TLB flush. */
static inline void pageout_put(struct frame *f)
{
	if (f->refs > 1)
		pageout_drop(f);
	else
		frame_put(frame_pfn(f));
}
