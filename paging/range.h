/* paging/range.h - one descent over a range of addresses, for the files of this directory alone.
 * SPDX-License-Identifier: MIT
 *
 * Visiting, unmapping and protecting differ in what they do at an entry, not in how they come to it. The
 * descent reads each table once, so that a range costs one read an entry and not one walk an entry.
 *
 * A descent is made in one tree: its space is one in which both halves are that tree.
 * Addresses inside a descent are flat: cut to the mode's VA bits, so that the two halves of a sign-extending
 * format follow each other and the last address plus one never wraps.
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
	prot_t above;    /* what the levels above allow, as pt_combine gives it; kept if pt_range.rights */
};

struct pt_range {
	const struct pt_space *s;
	uint64_t first, last;  /* flat, inclusive */
	bool skip_empty;       /* entry() has nothing to do for empty entries: it need not be called for them */
	bool fold;             /* call env->again() before visiting a table */
	bool rights;           /* combine rights on the way down (costs a call a table) */
	enum pt_next (*entry)(struct pt_range *r, const struct pt_here *here);
	const struct pt_change *change;
	prot_t prot;           /* pt_protect's */
	err_t err;             /* the first thing that went wrong */
};

/* Calls r->entry for each entry that [first, last] touches, tables before what is in them. A table that
 * cannot be read is skipped and leaves ERR_IO in r->err, as pt_range_fail does. */
void pt_range_descend(struct pt_range *r);

/* Remembers the first error. */
void pt_range_fail(struct pt_range *r, err_t err);

/* A range in each tree that it touches: flat, inclusive. The space of a part has that tree alone. */
struct pt_part {
	const struct pt_space *s;
	uint64_t first, last;
};
struct pt_parts {
	unsigned n;
	struct pt_part part[2];
	struct pt_space room[2];     /* for the spaces of halves */
};
/* ERR_INVALID: not whole pages or nothing; ERR_RANGE: not one stretch of addresses that the space has. */
MUST_USE err_t pt_range_of(const struct pt_space *s, uint64_t va, uint64_t len, struct pt_parts *parts);
/* s itself if it is one tree, else va's half alone, in *room. */
const struct pt_space *pt_half_at(const struct pt_space *s, uint64_t va, struct pt_space *room);

/* A table of level was linked into the space (1) or out of it (-1). */
static inline void pt_count_table(const struct pt_space *s, unsigned level, int n)
{
	if (s->tables)
		s->tables[level] += (uint32_t)n;
}

/* All stores to tables in use: stores the entry, then reports the change, so that the caller can flush. */
void pt_store(const struct pt_space *s, uint64_t va, unsigned level, paddr_t at, pte_t old, pte_t new,
              const struct pt_change *change);
