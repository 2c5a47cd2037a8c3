/* mm/phys/slab.h - slab caches: objects of one size in frames of the direct map.
 * SPDX-License-Identifier: MIT
 *
 * A slab is one frame that contains only objects; its counters are in the frame's record, so objects of
 * a power-of-two size are aligned to it. A free object begins with the offset of the next
 * free one and a mark; the rest is filled with SLAB_POISON, so slab_check() detects a write to it.
 */
#pragma once
#include "mm/phys/frame.h"

#define SLAB_MIN   16
#define SLAB_MAX   (PAGE_SIZE / 2)
#define SLAB_POISON 0xA5

/* slab_init() flags, beside FRAME_BELOW_4G and FRAME_ZERO (each object is zeroed on allocation). */
enum { SLAB_TABLE = 1u << 8 };  /* the frames count as FRAME_TABLE */

struct slab_cache {
	const char *name;
	struct slab_cache *next;    /* all caches, for slab_check() and slab_first() */
	uint16_t size, per_slab;
	unsigned flags;
	uint32_t partial, full;     /* lists of record indices */
	uint32_t empty;             /* the one unused slab that is kept, or FRAME_NIL */
	uint32_t slabs;             /* including the empty one */
	uint32_t in_use;            /* objects */
	uint32_t peak;
	uint32_t failures;
};

/* size from SLAB_MIN to SLAB_MAX; align a power of two, at most PAGE_SIZE / 2; size is rounded up to it.
 * The cache is linked into the list of all caches and must never be freed. */
void slab_init(struct slab_cache *cache, const char *name, size_t size, size_t align, unsigned flags);

/* NULL when there is no frame. */
void *slab_alloc(struct slab_cache *cache);
/* Asserts on an object of another cache, a pointer into an object and a second free. NULL is ignored. */
void slab_free(struct slab_cache *cache, void *object);
/* Frees the unused slab too. Returns the frames freed, 0 or 1. */
unsigned slab_shrink(struct slab_cache *cache);

/* The cache whose slab contains this address, or NULL. */
struct slab_cache *slab_of(const void *object);
/* All caches: for (c = slab_first(); c; c = c->next). */
struct slab_cache *slab_first(void);

/* Checks counts, lists and poison. NULL, or a phrase for the first error; *where (unless NULL) is the object or slab. */
const char *slab_check(const struct slab_cache *cache, const void **where);
