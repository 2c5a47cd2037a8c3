/* mm/space/entries.h - rows of consecutive level-0 entries: found, stored and counted together.
 * SPDX-License-Identifier: MIT
 *
 * For fork, unmap and exit, which process thousands of pages. A row is at most PTE_BATCH_MAX consecutive entries of one table
 * in the kernel's own format; `pa` is the address of its first entry, which translates `va`.
 */
#pragma once
#include "mm/phys/journal.h"
#include "mm/space/tlb.h"

#define PTE_BATCH_MAX JOURNAL_ROW_MAX

/* The part of a range that one level-0 table translates. Initialise `next` with the first address of the range. */
struct entries_part {
	uint64_t va;
	paddr_t pa;             /* address of the entry of va */
	unsigned count;         /* number of entries of the range in this table */
	uint64_t next;
};
/* Finds the next part up to `last`, an address in the last page of the range; ranges without a table are skipped. False: no more
 * parts. */
bool entries_part(const struct pt_space *s, uint64_t last, struct entries_part *p);

/* Virtual address of the entry at `pa`. NULL: no table is there, because an entry above it is corrupt. */
void *entries_at(paddr_t pa);

/* Finds the next row that is not empty among the entries [*i, count) from `pa` on, and sets *i to its first entry. Returns the
 * number of its entries; 0: none. Outside the linear range, a row can be empty. */
unsigned pte_batch(paddr_t pa, unsigned *i, unsigned count);

/* Counts one more mapping of each frame in frame[] (see pt_format.frames), with a reference; and the software entries in the row at
 * `at`. `counts`: counts_at() of the new entries. */
void entries_hold(struct aspace *as, struct page_counts *counts, const void *at, const uint32_t *frame, unsigned count);

/* Counts the removal of the row's entries; reports entries that were never counted (mm_bad_hooks). A frame without other
 * references is freed by `b` after its flush. b NULL: the entries are in no TLB, so it is freed at once. */
void entries_drop(struct aspace *as, struct page_counts *counts, uint64_t va, const void *at, unsigned count, struct tlb_batch *b);

/* Copies a whole level-0 table, which translates `va`, to the table at `to`, which no CPU walks; no entry of the copy permits
 * writes. Counts it as entries_hold() does. `why`: a string constant, for the journal. */
void entries_copy(struct aspace *as, struct page_counts *counts, uint64_t va, const void *from, paddr_t to, const char *why);
