/* paging/range.h - one descent over a range of addresses; only for files of this directory.
 * SPDX-License-Identifier: MIT
 *
 * Visiting, unmapping and protecting differ only in what they do at an entry. The descent reads each table once, so a range
 * costs one read per entry instead of one walk per entry.
 *
 * A descent uses one tree: both halves of its space are that tree. Addresses inside a descent are flat: cut to the VA bits of
 * the mode, so that the two halves of a sign-extending format are adjacent and the last address plus one never wraps.
 */
#pragma once
#include "paging/walk.h"

/* What the descent does next. */
enum pt_next {
	PT_NEXT,   /* go on; into the table if the entry is one */
	PT_AGAIN,  /* the entry was replaced: read it again */
	PT_STOP,
};

/* One entry that the descent has come to. */
struct pt_here {
	uint64_t va;     /* flat, the first address that the entry covers */
	unsigned level;
	enum pt_kind kind;
	paddr_t at;      /* address of the entry */
	pte_t entry;
	prot_t above;    /* rights of the levels above, from pt_combine(); valid if pt_range.rights */
};

struct pt_range {
	const struct pt_space *s;
	uint64_t first, last;  /* flat, inclusive */
	bool skip_empty;       /* empty entries are skipped without a call of entry() */
	bool fold;             /* call env->again() before visiting a table */
	bool rights;           /* combine rights on the way down (costs a call a table) */
	enum pt_next (*entry)(struct pt_range *r, const struct pt_here *here);
	const struct pt_change *change;
	prot_t prot;           /* pt_protect's */
	err_t err;             /* the first thing that went wrong */
};

/* Calls r->entry for each entry that translates a part of [first, last], a table entry before the entries of its table. A table
 * that cannot be read is skipped, and r->err becomes ERR_IO. */
void pt_range_descend(struct pt_range *r);

/* Remembers the first error. */
void pt_range_fail(struct pt_range *r, err_t err);

/* The part of a range in one tree: flat, inclusive. `s` is a space with this tree in both halves. */
struct pt_part {
	const struct pt_space *s;
	uint64_t first, last;
};
struct pt_parts {
	unsigned n;
	struct pt_part part[2];
	struct pt_space room[2];     /* for the spaces of halves */
};
/* Divides [va, va + len) into its parts. ERR_INVALID: empty or not whole pages. ERR_RANGE: an address is in no tree, or the
 * range wraps. */
MUST_USE err_t pt_range_of(const struct pt_space *s, uint64_t va, uint64_t len, struct pt_parts *parts);
/* Returns `s` if it is one tree; else fills *room with the half of `va` and returns it. */
const struct pt_space *pt_half_of_two(const struct pt_space *s, uint64_t va, struct pt_space *room);
static inline const struct pt_space *pt_half_at(const struct pt_space *s, uint64_t va, struct pt_space *room)
{
	return pt_is_one_tree(s) ? s : pt_half_of_two(s, va, room);
}

/* Counts a table of `level` that was linked into the space (n = 1) or unlinked from it (-1). */
static inline void pt_count_table(const struct pt_space *s, unsigned level, int n)
{
	if (s->tables)
		s->tables[level] += (uint32_t)n;
}

/* The only store to tables in use: stores the entry, then reports the change, so that the caller can flush. */
void pt_store(const struct pt_space *s, uint64_t va, unsigned level, paddr_t at, pte_t old, pte_t new,
              const struct pt_change *change);
