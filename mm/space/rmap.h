/* mm/space/rmap.h - reverse map: the owner of a frame, and the number of PTEs that map it (frame.owner, frame.maps).
 * SPDX-License-Identifier: MIT
 *
 * owner of an anonymous frame: the family of its address spaces (aspace.family) and its virtual address. fork() is the only way
 * to share such a frame, and it keeps addresses, so the entries that map the frame or name it are found at this address in the
 * spaces of the family. owner of a page of an object (file, section): the object's number and, from bit 32 on, the page's in it
 * (mm/space/object.h), with bit 0 set. `pfn` shows the owner.
 */
#pragma once
#include "mm/space/share.h"

#define OWNER_OBJECT 1u
/* Objects without pages. OWNER_GONE: the object was freed before the last mapping of its page, which was made by physical
 * address. */
#define OWNER_ZERO (0u << 1 | OWNER_OBJECT)
#define OWNER_GONE (1u << 1 | OWNER_OBJECT)
#define OWNER_IDS  2u           /* the first number of struct object.id */
#define OWNER_INDEX_SHIFT 32
#define OWNER_ID_SHIFT 48
#define OWNER_ID_MASK  0xFFFFu

static inline uint64_t owner_anon(const struct aspace *as, uint64_t va)
{
	const uint64_t mask = ((uint64_t)1 << OWNER_ID_SHIFT) - 1;

	return (uint64_t)as->family << OWNER_ID_SHIFT | (ALIGN_DOWN(va, (uint64_t)PAGE_SIZE) & mask);
}
static inline bool rmap_is_family(const struct aspace *as, const struct frame *f)
{
	return f->owner >> OWNER_ID_SHIFT == (as->family & OWNER_ID_MASK);
}
/* The address of an anonymous frame in the spaces of its family. */
static inline uint64_t rmap_va(const struct aspace *as, const struct frame *f)
{
	return pt_va_canonical(as->space.half[0].mode, f->owner & (((uint64_t)1 << OWNER_ID_SHIFT) - 1));
}
static inline bool frame_is_object(const struct frame *f) { return f->owner & OWNER_OBJECT; }

/* Returns the frame record that counts the mappings of `pfn`; each mapping holds a reference. NULL for device registers: no
 * record, or the record of a hole. */
static inline struct frame *frame_counted(pfn_t pfn)
{
	struct frame *f = frame_at(pfn);

	return f && (f->refs || f->state != FRAME_BAD) ? f : NULL;
}

/* True if a mapping of `pfn` counts as committed. False for frames of objects, including the zero frame, and for frames
 * that are not counted. */
static inline bool frame_commits(pfn_t pfn)
{
	const struct frame *f = frame_counted(pfn);

	return f && !frame_is_object(f);
}

/* rmap_add() for a caller that already has `f` = frame_counted(pfn). */
static inline void rmap_count(struct aspace *as, paddr_t entry, uint64_t va, struct frame *f)
{
	if (!f)
		return;
	f->maps++;
	if (f->owner == 0)
		f->owner = owner_anon(as, va);
	if (!frame_is_object(f))
		counts_at(as, entry)->committed++;
}

/* Counts the new PTE at `entry` that maps `pfn` at `va` in `as`. The caller's reference to the frame passes to the PTE. */
static inline void rmap_add(struct aspace *as, paddr_t entry, uint64_t va, pfn_t pfn)
{
	rmap_count(as, entry, va, frame_counted(pfn));
}

/* rmap_remove() for a caller that has the record. */
static inline void rmap_uncount(struct aspace *as, paddr_t entry, struct frame *f)
{
	if (!f)
		return;
	f->maps--;
	if (!frame_is_object(f))
		counts_at(as, entry)->committed--;
}

/* Counts a removed PTE. The caller drops the PTE's reference with frame_put() after the TLB flush. */
static inline void rmap_remove(struct aspace *as, paddr_t entry, pfn_t pfn)
{
	rmap_uncount(as, entry, frame_counted(pfn));
}

/* Reports that the removed PTE `pte` was never counted (mm_bad_hooks.bad_page). Device memory is not reported. */
void rmap_complain(struct aspace *as, uint64_t va, pte_t pte, pfn_t pfn);

/* Counts the removed PTE `pte`, which was at `entry`, of frame `f`. True: the caller drops its reference after the TLB flush.
 * False: the PTE was never counted; rmap_complain() was called. */
static inline bool rmap_drop(struct aspace *as, paddr_t entry, uint64_t va, pte_t pte, struct frame *f)
{
	if (!f->refs || !f->maps) {
		rmap_complain(as, va, pte, frame_pfn(f));
		return false;
	}
	rmap_uncount(as, entry, f);
	return true;
}

/* The PTE at `entry` maps anonymous frame `to` from now on, and mapped `from` before, as `pte`. Returns as rmap_drop(). */
static inline bool rmap_replace(struct aspace *as, paddr_t entry, uint64_t va, pte_t pte, struct frame *from, struct frame *to)
{
	bool counted = from->refs && from->maps;

	to->maps++;
	to->owner = owner_anon(as, va);
	if (!counted)
		rmap_complain(as, va, pte, frame_pfn(from));
	else
		from->maps--;
	/* The number of committed pages stays the same if both are anonymous. */
	if (!counted || frame_is_object(from))
		counts_at(as, entry)->committed++;
	return counted;
}

/* Hooks that report inconsistencies; mm never prints. bad_page: a removed PTE is not in the map count of its frame; `upper` is
 * the entry one level above. bad_count: `committed` is not 0 after all pages of an address space are unmapped. NULL: not
 * reported. */
struct mm_bad_hooks {
	void (*bad_page)(const struct aspace *as, uint64_t va, pte_t pte, pte_t upper, pfn_t pfn);
	void (*bad_count)(const struct aspace *as, int64_t value);
};
extern struct mm_bad_hooks mm_bad_hooks;
