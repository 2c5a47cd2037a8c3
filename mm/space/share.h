/* mm/space/share.h - leaf tables that several address spaces use after fork().
 * SPDX-License-Identifier: MIT
 *
 * fork() copies no leaf table that is large enough: the child's entry above it points to the same table, and both entries forbid
 * writes (pt_table_read_only()). The first change below is made in a copy (On-demand-fork, EuroSys 2021: Zhao, Gong, Fonseca).
 *
 *   frame.sharers   of the table's frame: number of address spaces whose entry above it forbids writes; 0: the table was not
 *                   shared, or belongs to one space again. 1: the others have left; the next change permits writes again.
 *   frame.counts    of the table's frame: what its entries count for, so that fork() and exit need not read them
 *   references      An entry holds one reference and one mapping (frame.refs, frame.maps), however many spaces use its table.
 *
 * Rules:
 *   An entry with W maps a frame that no other entry maps, unless a copy of its table was made (frame.copied): in the copy no entry
 *   has W, and those of the table lose it before the entry above permits writes again.
 *   While spaces share a table, the VMAs that have entries in it are equal in rights, flags and backing. Whatever makes them
 *   different calls share_end() before it: munmap, mprotect, mlock, a fault that changes an entry, setpte.
 *   A change that is the same for every space is made in the shared table: eviction, the accessed flag.
 */
#pragma once
#include "mm/space/aspace.h"

/* A table with fewer pages is copied: that costs less than the fault that would copy it later. */
extern unsigned share_least;

/* The record of the frame of the leaf table that contains the entry at `at`. NULL: its entries are not counted there, because
 * the table is smaller than a frame, or because a corrupt entry points to something else. */
static inline struct frame *leaf_table_at(paddr_t at)
{
	/* Machine words suffice: a table is in the direct map. */
	uintptr_t i = ((uintptr_t)at.v >> PAGE_SHIFT) - (uintptr_t)frame_db.first;
	struct frame *f = &frame_db.record[i];

	return i < frame_db.count && f->use == FRAME_USE_TABLE ? f : NULL;
}

/* Where a change of the entry at `entry` is counted. */
static inline struct page_counts *counts_at(struct aspace *as, paddr_t entry)
{
	struct frame *f = as->counts_in_tables ? leaf_table_at(entry) : NULL;

	return f ? &f->counts : &as->counts;
}

/* True if several address spaces use the leaf table that contains the entry at `entry`. */
static inline bool share_is_in_use(const struct aspace *as, paddr_t entry)
{
	const struct frame *f = as->has_shared ? leaf_table_at(entry) : NULL;

	return f && f->sharers > 1;
}

/* True if the entry above the leaf table that contains the entry at `entry` forbids writes because the table is or was shared. */
static inline bool share_is_below(const struct aspace *as, paddr_t entry)
{
	const struct frame *f = as->has_shared ? leaf_table_at(entry) : NULL;

	return f && f->sharers;
}

/* True if `upper`, an entry of level 1 of `as`, can be one above a shared table. */
static inline bool share_forbids(const struct aspace *as, pte_t upper)
{
	return as->has_shared && pt_table_is_read_only(as->space.half[0].mode->format, upper);
}

/* True if spaces of this format can share leaf tables. */
bool share_is_possible(const struct pt_mode *mode);

/* Gives the leaf table of `va` in `from` to `to`, which has no table there. *changed: entries of `from` in the TLB may permit
 * writes. ERR_NO_MEMORY. */
MUST_USE err_t share_table(struct aspace *from, struct aspace *to, uint64_t va, bool *changed);

/* Gives `as` a leaf table of its own for `va`, with the same entries, none of which permits writes if the table was copied. Flushes
 * the TLB. OK also if the table is not shared. ERR_NO_MEMORY: nothing changed. */
MUST_USE err_t share_end(struct aspace *as, uint64_t va);
/* The same for every table that translates an address of [first, first + len). ERR_NO_MEMORY: some are shared as before; the
 * contents are those of before in any case. */
MUST_USE err_t share_end_range(struct aspace *as, uint64_t first, uint64_t len);
/* The same for those tables of which the range is only a part. After it, share_leave_range() and then the removal of the range
 * cannot fail. */
MUST_USE err_t share_end_bounds(struct aspace *as, uint64_t first, uint64_t len);

/* Unlinks the leaf table of `va`, if other address spaces use it. The caller flushes. False: it is not shared. */
bool share_leave(struct aspace *as, uint64_t va, const char *why);
/* Unlinks the shared tables that translate only addresses of [first, first + len), and flushes. */
void share_leave_range(struct aspace *as, uint64_t first, uint64_t len);

/* The leaf table at `table` is about to be unlinked from `as`, to be freed: what its entries counted for stays in as->counts, where
 * 0 is right unless an entry was written by hand. */
void share_keep_counts(struct aspace *as, paddr_t table);

/* The sum of the counts of the address space; `shared`: number of leaf tables that other spaces use as well. `own`: the same
 * without these tables; or NULL. */
struct table_counts { uint64_t committed, softs, shared; };
struct table_counts aspace_counts(const struct aspace *as, struct table_counts *own);
