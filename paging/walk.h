/* paging/walk.h - the one walker: look, map, unmap, protect, visit, over any format.
 * SPDX-License-Identifier: MIT
 *
 * It is handed an environment and knows nobody: it never prints, locks, flushes or panics, so the
 * same source serves the boot stage (MMU off), the kernel and the host. Whoever calls a function
 * that changes entries must flush what the change callback reported, and only then free.
 */
#pragma once
#include "paging/format.h"

struct pt_step {
	uint8_t level;
	uint16_t index;
	enum pt_kind kind;
	paddr_t entry_pa;
	pte_t entry;
};

/* A walk as it happened, for looking at. */
struct pt_walk {
	uint64_t va;
	unsigned n;           /* steps made; those beyond the caller's room were not recorded */
	const struct pt_step *step; /* the caller's array: from the root down */
	struct pt_step last;  /* n > 0: the step that ended it, as it also stands in the array */
	err_t err;            /* ERR_RANGE: va is not one of this format's; ERR_IO: a table could not be read */
	enum pt_kind outcome; /* the last step's kind; PT_BAD when err is set */
	struct pt_output page; /* outcome PT_LEAF: the page's base and size */
	paddr_t pa;           /* outcome PT_LEAF: where va itself is */
	prot_t prot;          /* outcome PT_LEAF: rights after every level has had its say, attributes of the leaf */
};

/* Fills *walk and up to room steps completely, whatever the tables hold; never fails, never changes anything. A caller that
 * wants the end alone passes NULL and 0. Room for PT_MAX_LEVELS is enough for one tree; walks through two stages make up
 * to 24 steps. */
void pt_walk(const struct pt_space *space, uint64_t va, struct pt_walk *walk, struct pt_step *step, unsigned room);

/* The fault path's walk: goes down as far as there are tables, at most to level, and reports the entry there. *slot is
 * complete also on failure. ERR_IO: a table could not be read; slot->kind is PT_BAD. */
static inline err_t pt_lookup(const struct pt_space *s, uint64_t va, unsigned level, struct pt_slot *slot)
{
	return s->half[0].mode->format->lookup(s, va, level, slot);
}

/* Called after each store that a function below makes into a table in use. va is the first address that the
 * entry covers. Tells the caller what to flush; NULL where nobody needs to know.
 * A table that came or went also needs the flush of its self-map address. */
typedef void (*pt_change_fn)(void *ctx, uint64_t va, unsigned level, pte_t old, pte_t new);

struct pt_change {
	pt_change_fn fn;
	void *ctx;
	const char *why;      /* static phrase for env->store */
};

/* Makes sure that tables exist so that va has an entry at level; a large page in the way is
 * ERR_EXISTS. Reports the entry's place. Tables made before a failure stay: they are empty. */
MUST_USE err_t pt_ensure(const struct pt_space *s, uint64_t va, unsigned level,
                         const struct pt_change *change, paddr_t *entry_pa);

/* Maps [va, va+len) to [pa, pa+len); len, va, pa multiples of the smallest page. max_level bounds the
 * page size: 0 for small pages only; larger ones are used where alignment, format and mode allow.
 * ERR_EXISTS when an entry is in the way (leaf or soft), ERR_NO_MEMORY when a table cannot be had;
 * either way nothing of this call stays mapped (tables made may stay, empty). */
MUST_USE err_t pt_map(const struct pt_space *s, uint64_t va, paddr_t pa, uint64_t len, prot_t prot,
                      unsigned max_level, const struct pt_change *change);

/* Makes every leaf and soft entry in [va, va+len) zero. A large page only partly inside is split
 * first (ERR_NO_MEMORY, or ERR_RANGE when its memory is beyond small pages' reach: nothing was changed by that
 * page and what lies after it). Holes are skipped. A bad entry, or one that covers more than the range and
 * cannot be split, stays as it is: ERR_CORRUPT, and the rest is done. */
MUST_USE err_t pt_unmap(const struct pt_space *s, uint64_t va, uint64_t len, const struct pt_change *change);

/* Gives every leaf in [va, va+len) the rights and attributes of prot, keeping output, accessed and dirty (those
 * in prot are ignored). Splits as pt_unmap; no store where nothing changes. */
MUST_USE err_t pt_protect(const struct pt_space *s, uint64_t va, uint64_t len, prot_t prot,
                          const struct pt_change *change);

/* Replaces the large page that covers va, at level > 0, by a table of the next smaller pages with
 * the same translation and attributes; a page of repeated entries (PT_REPEATS) at level 0 becomes single entries.
 * ERR_NOT_FOUND when there is none, ERR_NO_MEMORY and ERR_RANGE as pt_unmap: nothing was changed. */
MUST_USE err_t pt_split(const struct pt_space *s, uint64_t va, const struct pt_change *change);

/* Writes one entry, leaf or soft or zero, at level 0's slot of va; tables are made as needed. */
MUST_USE err_t pt_set(const struct pt_space *s, uint64_t va, pte_t pte, const struct pt_change *change);

/* Frees every table under an entry of format->sync_level or below whose whole reach lies in [va, va+len) and which
 * holds no entry (so PAE's four directories stay);
 * each is unlinked, reported by change (so that the caller can flush) and then handed to table_free. */
void pt_prune(const struct pt_space *s, uint64_t va, uint64_t len, const struct pt_change *change);

/* Visits in order of address. Return false to stop. */
struct pt_visit_entry {
	uint64_t va;          /* canonical */
	uint64_t size;        /* bytes of VA that this entry covers */
	unsigned level;
	enum pt_kind kind;
	paddr_t entry_pa;
	pte_t entry;
	paddr_t pa;           /* leaf: where va is; table: the table */
	prot_t prot;          /* leaf, table: rights combined with those of the levels above, attributes its own */
};
typedef bool (*pt_visit_fn)(void *ctx, const struct pt_visit_entry *e);
enum { PT_VISIT_LEAF = 1, PT_VISIT_TABLE = 2, PT_VISIT_SOFT = 4, PT_VISIT_BAD = 8, PT_VISIT_EMPTY = 16 };
/* [first, last] inclusive, so that the last page of the space can be named; what the space has not is left out.
 * ERR_IO: an unreadable table was skipped. fn must not change entries. */
err_t pt_visit(const struct pt_space *s, uint64_t first, uint64_t last, unsigned what, pt_visit_fn fn, void *ctx);

/* Enters the tables of format->sync_level at base so that every entry has an address (PT_SELFMAP
 * formats; tables on the way must exist). ERR_UNSUPPORTED elsewhere. */
MUST_USE err_t pt_selfmap_install(const struct pt_space *s, uint64_t base, const struct pt_change *change);
