/* mm/space/pageout.h - what the handling of faults and entries needs of page-out (mm/reclaim), a layer above it.
 * SPDX-License-Identifier: MIT
 *
 * A page that is not mapped is named by its software entry:
 *   transition    the frame still holds the page; the entry holds a reference to it (frame.refs, frame.transitions)
 *   page file     the page is in a slot of a page file; the entry holds a reference to the slot
 *   prototype     a page of an object, of which the object's prototype entry says where it is; no reference (mm/space/object.h)
 */
#pragma once
#include "mm/space/fault.h"
#include "mm/space/rmap.h"
#include "paging/soft.h"

struct pageout_ops {
	/* A fault on a software entry, f->found.entry, that the VMA permits. FAULT_RETRY: it slept, or the entry changed. */
	enum fault_result (*fault)(struct vm_fault *f);
	/* No frame is free: evicts pages, and may sleep. FAULT_RETRY: try the fault again. FAULT_FIXED: the process was killed, and
	 * ends before it returns to user mode. FAULT_NO_MEMORY. */
	enum fault_result (*make_room)(const struct vm_fault *f);
	/* A fault that may have waited is over. */
	void (*waited)(void);
	/* A copy of a software entry was stored in a table of `as`. `counts`: of the copy. */
	void (*copied)(struct aspace *as, struct page_counts *counts, pte_t entry);
	/* A software entry was removed from a table of `as`. */
	void (*dropped)(struct aspace *as, struct page_counts *counts, pte_t entry);
	/* The last PTE of an anonymous frame was removed, and transition entries still refer to it. */
	void (*unmapped)(struct frame *f);
	/* A fault needs a page of the VMA's object that is in a slot: starts to read it, or waits. FAULT_FIXED: the process was
	 * killed, and ends before it returns to user mode. */
	enum fault_result (*read)(struct vm_fault *f);
	/* The page of an object whose prototype entry is `soft`, a transition or page-file entry: as object_get(). */
	err_t (*object_page)(struct object *o, uint32_t index, const struct pt_soft *soft, struct aspace *as, struct filling *out);
	/* An object drops its reference to a page that is on a list or in a slot. */
	void (*object_forgets)(const struct pt_soft *soft);
	/* A frame whose record names a slot gets a writable PTE: the slot's bytes are old from now on. */
	void (*written)(struct frame *f);
};
/* NULL: nothing is paged out, and only demand-zero entries exist. */
extern const struct pageout_ops *pageout;
/* Called when a fault stores the first PTE of an anonymous frame in a user part. NULL: no replacement policy is in use. */
extern void (*page_mapped)(struct frame *f);

/* True if an entry, not present, names a frame or a slot and holds a reference to it. */
bool pageout_names_page(const struct pt_mode *mode, pte_t entry);
/* The number that the Protect field has for these rights (WinDbg: 4 is ReadWrite). */
uint8_t pageout_protect(prot_t prot);
/* Gives the software entries of [first, first + len), a part of the VMA, the VMA's protection. */
void pageout_protect_entries(struct vma *v, uint64_t first, uint64_t len);
/* Drops the reference of a removed PTE, which is not the last reference. */
static inline void pageout_drop(struct frame *f)
{
	f->refs--;
	/* A page of an object stays as it is until memory is short: most are soon mapped again. */
	if (!f->maps && f->transitions && !frame_is_object(f) && pageout)
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
