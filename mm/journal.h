/* mm/journal.h - what was stored into tables: the last stores, for `log` and `diff`.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/addr.h"

struct journal_entry { uint64_t sequence; paddr_t pa; pte_t old, new; const char *why; uint8_t bytes; };
#define JOURNAL_ENTRIES 1024

/* A ring: store number n, counted from 1, is at (n - 1) % JOURNAL_ENTRIES. */
extern struct journal { uint64_t stores; struct journal_entry ring[JOURNAL_ENTRIES]; } journal;

/* Before the store itself. why is a static phrase. */
static inline void journal_add(paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	struct journal_entry *j = &journal.ring[(uint32_t)journal.stores % JOURNAL_ENTRIES];

	/* Field by field: every store into a table passes here. */
	j->sequence = ++journal.stores;
	j->pa = pa;
	j->old = old;
	j->new = new;
	j->why = why;
	j->bytes = (uint8_t)bytes;
}

static inline uint64_t journal_count(void)
{
	return journal.stores;
}

/* 0: the newest; NULL: there is none so far back. */
static inline const struct journal_entry *journal_recent(unsigned back)
{
	return back < journal.stores && back < JOURNAL_ENTRIES ?
	       &journal.ring[(uint32_t)(journal.stores - 1 - back) % JOURNAL_ENTRIES] : NULL;
}
