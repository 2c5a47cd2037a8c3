/* mm/phys/table.h - the only functions that store into page tables; the exceptions are the boot stage's first tables, and
 * entries_copy() of mm/space/entries.h, which fills a new one.
 * SPDX-License-Identifier: MIT
 *
 * Each adds the change to the journal first. None flushes a TLB; the caller does. Tables are always in the direct map.
 */
#pragma once
#include "arch/mmu.h"
#include "mm/phys/direct.h"
#include "mm/phys/journal.h"

/* table_store() for a caller that has the entry's address in the direct map as well. */
static inline __attribute__((always_inline)) void table_store_at(void *at, paddr_t pa, unsigned bytes, pte_t old, pte_t new,
                                                                 const char *why)
{
	journal_add(pa, bytes, old, new, why);
	arch_entry_store(at, bytes, old.v, new.v);
}

/* Replaces the entry `old` at `pa` by `new`. A concurrent page walk never reads a mixture of both. `why`: a string constant. */
static inline void table_store(paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	table_store_at(phys_to_virt(pa), pa, bytes, old, new, why);
}

/* The same for `count` neighbouring entries of one table; NULL for `new` clears them. */
void table_store_row(paddr_t pa, unsigned bytes, const void *new, unsigned count, const char *why);

/* The same for at most JOURNAL_ROW_MAX entries that are empty. */
void table_store_empty(paddr_t pa, unsigned bytes, const void *new, unsigned count, const char *why);

/* The same for a table that no CPU walks: a plain copy. `was_empty`: every entry of the row is 0. */
void table_fill_row(paddr_t pa, unsigned bytes, const void *new, unsigned count, bool was_empty, const char *why);

/* Calls of table_patch() that changed an entry, of any level. */
extern uint32_t table_edits;
/* Writes n bytes at any address of one table, also a part of an entry: for the commands that edit memory. */
void table_patch(paddr_t pa, unsigned bytes, const void *from, unsigned n);
