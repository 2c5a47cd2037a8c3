/* paging/walk.h - the walker for every format: walk, map, unmap, protect, visit.
 * SPDX-License-Identifier: MIT
 *
 * It depends on its struct pt_env only, and never prints, locks, flushes or panics: the boot stage (MMU off), the kernel and
 * the host use the same source. The caller of a function that changes entries must flush what the change callback
 * reported before it frees pages or tables.
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

/* A recorded walk, for display. */
struct pt_walk {
	uint64_t va;
	unsigned n;           /* number of steps; those beyond `room` were not recorded */
	const struct pt_step *step; /* the caller's array: from the root down */
	struct pt_step last;  /* n > 0: the step that ended the walk, also the last in the array */
	err_t err;            /* ERR_RANGE: va is not valid in this format; ERR_IO: a table could not be read */
	enum pt_kind outcome; /* the last step's kind; PT_BAD when err is set */
	struct pt_output page; /* outcome PT_LEAF: the page's base and size */
	paddr_t pa;           /* outcome PT_LEAF: the physical address of va */
	prot_t prot;          /* outcome PT_LEAF: effective rights of all levels, attributes of the leaf */
};

/* Fills *walk and up to `room` steps completely, for any tables; never fails and changes nothing. NULL and 0: only the end of the
 * walk. PT_MAX_LEVELS steps are enough for one tree; walks through two stages make up to 24 steps. */
void pt_walk(const struct pt_space *space, uint64_t va, struct pt_walk *walk, struct pt_step *step, unsigned room);

/* Finds the entry of `va` at `level`, or the higher entry that ends the walk. *slot is complete also after an error. ERR_IO: a
 * table could not be read; slot->kind is PT_BAD. */
static inline err_t pt_lookup(const struct pt_space *s, uint64_t va, unsigned level, struct pt_slot *slot)
{
	return s->half[0].mode->format->lookup(s, va, level, slot);
}

/* Called after each store to a table in use, so that the caller can flush. `va` is the first address that the entry covers.
 * NULL: no flush is needed. A new or removed table also needs the flush of its self-map address. */
typedef void (*pt_change_fn)(void *ctx, uint64_t va, unsigned level, pte_t old, pte_t new);

struct pt_change {
	pt_change_fn fn;
	void *ctx;
	const char *why;      /* string constant for env->store() */
};

/* Allocates the missing tables above the entry of `va` at `level`, and returns the address of the entry. ERR_EXISTS: a large
 * page is in the way. Tables allocated before a failure stay; they are empty. */
MUST_USE err_t pt_ensure(const struct pt_space *s, uint64_t va, unsigned level,
                         const struct pt_change *change, paddr_t *entry_pa);

/* Maps [va, va+len) to [pa, pa+len); len, va, pa multiples of the smallest page. max_level bounds the
 * page size: 0 for small pages only; larger ones are used where alignment, format and mode allow.
 * ERR_EXISTS: an entry is not empty (leaf or software entry); ERR_NO_MEMORY: no frame for a table.
 * After an error nothing of this call stays mapped (empty tables may stay). */
MUST_USE err_t pt_map(const struct pt_space *s, uint64_t va, paddr_t pa, uint64_t len, prot_t prot,
                      unsigned max_level, const struct pt_change *change);

/* Clears every leaf and software entry in [va, va+len). A large page that is only partly inside is split first
 * (ERR_NO_MEMORY, or ERR_RANGE if small pages cannot map its memory: that page and everything after it stay
 * unchanged). Holes are skipped. A bad entry, or one that covers more than the range and cannot be split, stays
 * unchanged: ERR_CORRUPT, after the rest was cleared. */
MUST_USE err_t pt_unmap(const struct pt_space *s, uint64_t va, uint64_t len, const struct pt_change *change);

/* Gives every leaf in [va, va+len) the rights and attributes of prot, keeping output, accessed and dirty (those
 * in prot are ignored). Splits as pt_unmap; no store where nothing changes. */
MUST_USE err_t pt_protect(const struct pt_space *s, uint64_t va, uint64_t len, prot_t prot,
                          const struct pt_change *change);

/* Replaces the large page that covers va, at level > 0, by a table of the next smaller pages with
 * the same translation and attributes; a page of repeated entries (PT_REPEATS) at level 0 becomes single entries.
 * ERR_NOT_FOUND: there is no such page. ERR_NO_MEMORY and ERR_RANGE as pt_unmap(): nothing was changed. */
MUST_USE err_t pt_split(const struct pt_space *s, uint64_t va, const struct pt_change *change);

/* Stores a leaf, a software entry or zero as the level-0 entry of `va`; allocates missing tables. */
MUST_USE err_t pt_set(const struct pt_space *s, uint64_t va, pte_t pte, const struct pt_change *change);

/* Frees every empty table that translates only addresses in [va, va+len), if an entry of format->shared_level or below points
 * to it (so the four page directories of PAE stay). Each is unlinked, then reported to `change`, which must flush, then
 * freed. */
void pt_prune(const struct pt_space *s, uint64_t va, uint64_t len, const struct pt_change *change);

/* One visited entry. Entries are visited in ascending order of addresses. */
struct pt_visit_entry {
	uint64_t va;          /* canonical */
	uint64_t size;        /* bytes of VA that this entry covers */
	unsigned level;
	enum pt_kind kind;
	paddr_t entry_pa;
	pte_t entry;
	paddr_t pa;           /* leaf: physical address of va; table entry: address of the table */
	prot_t prot;          /* leaf, table entry: rights combined with those of the levels above, its own attributes */
};
typedef bool (*pt_visit_fn)(void *ctx, const struct pt_visit_entry *e);
enum { PT_VISIT_LEAF = 1, PT_VISIT_TABLE = 2, PT_VISIT_SOFT = 4, PT_VISIT_BAD = 8, PT_VISIT_EMPTY = 16 };
/* Visits [first, last], both included; addresses that are not valid are left out. `fn` returns false to stop, and must not
 * change entries. ERR_IO: an unreadable table was skipped. */
err_t pt_visit(const struct pt_space *s, uint64_t first, uint64_t last, unsigned what, pt_visit_fn fn, void *ctx);

/* Maps the tables of format->shared_level at `base`, so that every entry has a virtual address. ERR_UNSUPPORTED: the format has
 * no self-map. */
MUST_USE err_t pt_selfmap_install(const struct pt_space *s, uint64_t base, const struct pt_change *change);
