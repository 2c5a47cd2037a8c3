/* mm/space/rmap.h - whose frame is it: the owner word of a frame's record, and the count of entries that map it.
 * SPDX-License-Identifier: MIT
 *
 * Anonymous frames remember the address space and address that first mapped them, so that `fsck` and `whomaps` can
 * ask the tables; frames of an object (a file's page, a section's, the zero frame) name the object instead. Bit 0 tells the
 * two apart.
 */
#pragma once
#include "mm/space/aspace.h"

#define OWNER_OBJECT 1u
#define OWNER_ID_SHIFT 48
#define OWNER_ID_MASK  0xFFFFu

static inline uint64_t owner_anon(const struct aspace *as, uint64_t va)
{
	return (uint64_t)as->id << OWNER_ID_SHIFT | (ALIGN_DOWN(va, (uint64_t)PAGE_SIZE) & (((uint64_t)1 << OWNER_ID_SHIFT) - 1));
}
static inline uint64_t owner_object(const void *object) { return (uintptr_t)object | OWNER_OBJECT; }
static inline bool frame_is_object(const struct frame *f) { return f->owner & OWNER_OBJECT; }

/* The record in which mappings of pfn are counted, each with a reference; NULL for device registers: they have no
 * record, or one of a hole. */
static inline struct frame *frame_counted(pfn_t pfn)
{
	struct frame *f = frame_at(pfn);

	return f && (f->refs || f->state != FRAME_BAD) ? f : NULL;
}

/* Does an entry that maps pfn count in its aspace's committed? The zero frame, objects' frames and what is not counted
 * do not. */
static inline bool frame_commits(pfn_t pfn)
{
	const struct frame *f = frame_counted(pfn);

	return f && !frame_is_object(f);
}

/* rmap_add() for who has the frame's record f, frame_counted(pfn), already. */
static inline void rmap_count(struct aspace *as, uint64_t va, struct frame *f)
{
	if (!f)
		return;
	f->maps++;
	if (f->owner == 0)
		f->owner = owner_anon(as, va);
	as->committed += !frame_is_object(f);
}

/* An entry of as at va maps pfn from now on: the caller's reference becomes the entry's. */
static inline void rmap_add(struct aspace *as, uint64_t va, pfn_t pfn)
{
	rmap_count(as, va, frame_counted(pfn));
}

/* rmap_remove() for who has the record. */
static inline void rmap_uncount(struct aspace *as, struct frame *f)
{
	if (!f)
		return;
	f->maps--;
	as->committed -= !frame_is_object(f);
}

/* No more. The reference is still to be put, after the flush. */
static inline void rmap_remove(struct aspace *as, pfn_t pfn)
{
	rmap_uncount(as, frame_counted(pfn));
}

/* The entry pte of as at va, which mapped pfn, is gone, and nobody had counted it: mm_complaints hears of it unless it is a
 * device's page. */
void rmap_complain(struct aspace *as, uint64_t va, pte_t pte, pfn_t pfn);

/* The entry pte of as at va, which mapped f's frame, is gone: true when its reference is to be put, after the flush; false
 * when nobody had counted it. */
static inline bool rmap_drop(struct aspace *as, uint64_t va, pte_t pte, struct frame *f)
{
	if (!f->refs || !f->maps) {
		rmap_complain(as, va, pte, frame_pfn(f));
		return false;
	}
	rmap_uncount(as, f);
	return true;
}
