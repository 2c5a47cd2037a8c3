/* mm/space/fault_impl.h - what the fast path of faults and fault-around have in common.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/fault.h"
#include "mm/space/object.h"
#include "mm/space/pageout.h"

/* Bits of a level-0 leaf of the kernel's mode. leaf_frame: the frame number, at its place in a physical address. leaf_varies: those
 * that differ between PTEs of one VMA, the frame number and state that changes while the page is mapped. State can be above the
 * frame number (LPAE). leaf_accessed: A, where the CPU sets it; else 0. */
extern uint64_t leaf_frame, leaf_varies, leaf_accessed;
/* Prototype entries of pages in memory, for frame 0: of a section, of a file. */
extern uint64_t object_leaf[2];

/* Counts the first PTE of a new frame. `counts`: counts_at() of the PTE. */
PT_INLINE void fault_own(struct aspace *as, struct page_counts *counts, vaddr_t va, struct frame *f)
{
	f->maps = 1;
	f->owner = owner_anon(as, va);
	counts->committed++;
	if (page_mapped)
		page_mapped(f);
}

PT_INLINE struct frame *fault_zeroed_frame(void)
{
	struct frame *f = frame_take_zeroed();
	pfn_t pfn;

	if (f)
		return f;
	return frame_alloc(FRAME_ZERO, FRAME_ACTIVE, &pfn) == OK ? frame_at(pfn) : NULL;
}

/* If the prototype entry says that the object's page is in memory, counts a new reference to its frame and a new map, and stores
 * in *frame the frame number as a leaf has it. `bytes`: of an entry. */
PT_INLINE bool fault_cached_frame(const struct object *o, uint32_t index, unsigned bytes, uint64_t *frame)
{
	struct frame *f;
	pte_t page;

	if (index >= o->pages)
		return false;
	page = pt_entry_at(object_entry_at(o, index), bytes);
	if ((page.v ^ object_leaf[o->filed]) & ~leaf_frame)
		return false;
	*frame = page.v & leaf_frame;
	f = frame_at(PFN(*frame >> PAGE_SHIFT));
	if (!f || f->refs == UINT32_MAX)
		return false;
	f->refs++;
	f->maps++;
	return true;
}
