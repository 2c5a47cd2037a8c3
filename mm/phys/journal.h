/* mm/phys/journal.h - the journal: the last stores to page tables, for `log` and `diff`.
 * SPDX-License-Identifier: MIT
 *
 * Every store to an entry has a number, counted from 1. A record describes one store, a row (stores to consecutive entries), or a
 * freed table. Functions that read the journal skip stores that did not change their entry. The entries of rows are in a second
 * ring; a record is lost when either ring overwrites it. mm/phys/table.c and mm/phys/table.h add stores, mm/phys/env.c adds freed
 * tables.
 */
#pragma once
#include "lib/addr.h"

enum journal_kind { JOURNAL_STORE, JOURNAL_ROW, JOURNAL_FREED };

/* One cache line each, so that adding a record touches no second line. */
struct journal_record {
	_Alignas(64) uint64_t first;    /* number of its first store; JOURNAL_FREED: of the next one */
	paddr_t pa;             /* of its first entry */
	pte_t old, new;         /* JOURNAL_STORE */
	const char *why;        /* a string constant */
	uint32_t values;        /* JOURNAL_ROW: running position of its entries in journal.value */
	uint16_t len;           /* bytes of the table that it describes, minus 1 */
	uint8_t bytes;          /* of an entry */
	uint8_t kind : 6;       /* enum journal_kind; no bit of the byte is left, so that it is stored without being read */
	uint8_t had_old : 1, has_new : 1;       /* JOURNAL_ROW: old entries, then new ones, in the ring; 0: all are zero */
};

#define JOURNAL_RECORDS 1024
#define JOURNAL_VALUES  (128u << 10)    /* bytes; a power of two */

/* Record number n, counted from 0, is at n % JOURNAL_RECORDS; byte n of the values at n % JOURNAL_VALUES. */
extern struct journal {
	uint64_t stores;        /* so far */
	uint32_t records, values;
	struct journal_record record[JOURNAL_RECORDS];
	_Alignas(uint64_t) unsigned char value[JOURNAL_VALUES];
} journal;

/* Adds one store; call it before the store itself. `why` is a string constant. */
static inline __attribute__((always_inline)) void journal_add(paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	struct journal_record *r = &journal.record[journal.records++ % JOURNAL_RECORDS];

	/* Faster than a compound literal, which also clears the padding: every fault adds a record. */
	r->first = ++journal.stores;
	r->pa = pa;
	r->old = old;
	r->new = new;
	r->why = why;
	r->len = (uint16_t)(bytes - 1);
	r->bytes = (uint8_t)bytes;
	r->kind = JOURNAL_STORE;
	r->had_old = r->has_new = 0;
}

/* Adds a store of `count` entries of one table, at most JOURNAL_ROW_MAX in the functions of mm/phys/table.h. NULL for `old` or
 * `new`: all of them are 0. */
#define JOURNAL_ROW_MAX 64
void journal_add_row(paddr_t pa, unsigned bytes, const void *old, const void *new, unsigned count, const char *why);
/* Address at which journal_add_row() will store the next row of `len` bytes. It does not copy a row whose `new` is there already;
 * `old` must be NULL. */
void *journal_row_space(unsigned len);
/* The table of `len` bytes at `pa` was freed: its frame may hold anything from now on. */
void journal_add_freed(paddr_t pa, unsigned len);

/* ---- reading ---- */

/* One change of one entry. */
struct journal_entry { uint64_t number; paddr_t pa; pte_t old, new; const char *why; };

/* A position between two changes; begin with journal_end(). */
struct journal_cursor { uint64_t number; uint32_t record; unsigned index; };

static inline uint64_t journal_count(void)
{
	return journal.stores;
}
struct journal_cursor journal_end(void);
/* Steps back over one change. False: the journal reaches back no further. */
bool journal_previous(struct journal_cursor *c, struct journal_entry *out);
/* The number of the oldest change that is kept, or journal_count() + 1. */
uint64_t journal_oldest(void);
/* The oldest (or newest) change of the entry at `pa` among the changes (from, to]. False: there is none. */
bool journal_find(paddr_t pa, uint64_t from, uint64_t to, bool oldest, struct journal_entry *out);
/* True: the table that contains `pa` was freed after change `from` and no later than change `to`. */
bool journal_was_freed(paddr_t pa, uint64_t from, uint64_t to);
