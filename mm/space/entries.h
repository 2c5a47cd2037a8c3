/* mm/space/entries.h - entries of one level-0 table in a row: found, stored together, their frames counted together.
 * SPDX-License-Identifier: MIT
 *
 * What fork, unmap and exit do to thousands of pages. A row is at most ENTRIES_MOST entries of the kernel's own
 * format, all in one table; pa is where its first entry stands, va the address that this entry is for.
 */
#pragma once
#include "mm/phys/journal.h"
#include "mm/space/tlb.h"

#define ENTRIES_MOST JOURNAL_ROW_MAX

/* The part of a range that one level-0 table has. Begin with next as the range's first address. */
struct entries_part {
	uint64_t va;
	paddr_t pa;             /* where va's entry is */
	unsigned count;         /* entries from there on that are the range's */
	uint64_t next;
};
/* The next part up to last, an address of the range's last page; where there is no table there is no part. False: that was
 * all. */
bool entries_part(const struct pt_space *s, uint64_t last, struct entries_part *p);

/* Where the entry at pa can be read and written. NULL: no table is there; an entry above it is corrupt. */
void *entries_at(paddr_t pa);

/* The next row with something in it among the entries [*i, count) from pa on: *i becomes its first, which is not
 * empty where the environment can tell quickly. How many; 0: there is none. */
unsigned entries_row(paddr_t pa, unsigned *i, unsigned count);

/* The frames that frame[] names (pt_format.frames) are mapped once more each, in as. */
void entries_hold(struct aspace *as, const uint32_t *frame, unsigned count);

/* The row's entries let go of their frames: counted back, complained about where nobody had counted (mm_complaints).
 * A frame that nobody else holds is freed by b, after its flush; b NULL: no TLB knows the entries, at once. */
void entries_drop(struct aspace *as, uint64_t va, const void *at, unsigned count, struct tlb_batch *b);
