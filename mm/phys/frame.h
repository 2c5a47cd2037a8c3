/* mm/phys/frame.h - the frame database: one record for each frame of RAM, and who gets which.
 * SPDX-License-Identifier: MIT
 *
 *   record[0]          is the first frame of RAM, rounded down to a multiple of 4 so that blocks are aligned
 *                      by index; frames in holes have records too (FRAME_BAD)
 *   zone               a stretch of frames that the same flags allow: cut at the end of the direct
 *                      map and at 4 GiB; the highest allowed zone gives first, so that low frames last
 *   block              1, 2 or 4 free frames, aligned to their number, merged when all are free
 *   loose frames       what was put last, one by one; merged into blocks when a run asks for it
 *   run                1, 2 or 4 frames allocated together: a promise about addresses only, each of its
 *                      frames is counted and put by itself
 *   zeroed pool        single frames filled with zeroes while nobody waited for them
 *
 * Allocating and freeing are O(1). One processor; interrupt handlers neither allocate nor free.
 */
#pragma once
#include "lib/addr.h"
#include "lib/assert.h"
#include "lib/err.h"
#include "mm/phys/memmap.h"

enum frame_state {
	FRAME_FREE,       /* on a free list, contents unknown */
	FRAME_ZEROED,     /* in the zeroed pool */
	FRAME_ACTIVE,     /* mapped, or about to be */
	FRAME_MODIFIED,   /* unmapped, must be written before reuse */
	FRAME_STANDBY,    /* unmapped, its contents are elsewhere too */
	FRAME_TRANSITION, /* under input or output */
	FRAME_TABLE,      /* a translation table */
	FRAME_KERNEL,     /* the kernel's own: image, heap, stacks, reserved ranges */
	FRAME_BAD,        /* no RAM, or RAM that must not be used */
	FRAME_STATES
};

/* What a frame is inside the heap (mm/phys/slab.c, mm/phys/heap.c); says which of the slab fields mean something. */
enum frame_use { FRAME_USE_NONE, FRAME_USE_SLAB, FRAME_USE_RUN };

/* 32 bytes on 32-bit builds, 64 on 64-bit ones: there the record of frame n stands at base + n * 64.
 * Read it freely; state belongs to frame.c, owner, maps and busy to whoever holds a reference,
 * links to the holder of the frame while it is allocated. */
struct frame {
	_Alignas(8 * sizeof(void *)) uint64_t owner;   /* what the holder says: an address space and address, a cache */
	uint32_t next, prev;    /* record indices, FRAME_NIL at the ends */
	uint32_t refs;          /* 0 exactly when free, zeroed or a hole */
	uint32_t maps;          /* entries that map it; each holds a reference */
	uint8_t state;          /* enum frame_state */
	uint8_t order;          /* first frame of a free block: log2 of its frames; else FRAME_ORDER_NONE */
	uint8_t use;            /* enum frame_use */
	bool busy;              /* a device reads or writes it */
	uint16_t slab_used;     /* slab: objects handed out; heap run: its frames, in the first one */
	uint16_t slab_free;     /* slab: offset of the first free object */
};
STATIC_ASSERT(frame_record_is_32_or_64_bytes, sizeof(struct frame) == 8 * sizeof(void *));

#define FRAME_NIL        UINT32_MAX
#define FRAME_ORDER_NONE 0xFF
#define FRAME_MAX_ORDER  2
#define FRAME_ZONES      3

/* Allocation flags. Without one: any frame, the highest zone first. */
enum {
	FRAME_ANY = 0,
	FRAME_LOW = 1u << 0,        /* the direct map must reach it */
	FRAME_BELOW_4G = 1u << 1,
	FRAME_ZERO = 1u << 2,       /* filled with zeroes, from the pool if it can */
};

struct frame_config {
	const struct memmap *ram;   /* every run of RAM */
	const struct memmap *spare; /* the part of it to hand out; the rest begins as FRAME_KERNEL with one reference */
	void *records;              /* frame_db_bytes(ram) of them, aligned to a record; not to be in spare */
	size_t bytes;
	pfn_t low_end;              /* the first frame that the direct map does not reach */
	uint32_t pool_max;          /* most frames that the zeroed pool may hold */
	void (*zero)(void *ctx, pfn_t pfn);   /* fills a frame of any zone with zeroes; must not allocate */
	void *ctx;
};

struct frame_stats {
	uint32_t state[FRAME_STATES];       /* frames in each state; their sum is the number of records */
	uint32_t zone_free[FRAME_ZONES];    /* free and zeroed together, low zone first */
	uint32_t low_free;                  /* the same of all zones that FRAME_LOW allows */
	uint64_t allocs, frees;             /* frames, since frame_init() */
	uint64_t pool_hits, pool_misses;    /* single FRAME_ZERO frames that the pool had or had not */
	uint64_t failures;                  /* allocations refused */
};

/* For frame_at() and its like, which must be fast; written by frame.c only. */
extern struct frame_db {
	struct frame *record;
	uint64_t first;
	uint32_t count;
	uint64_t low_end;       /* the first frame that the direct map does not reach */
} frame_db;

/* Bytes of records that a machine with this RAM needs. */
uint64_t frame_db_bytes(const struct memmap *ram);

/* Writes every record once and links the free blocks. ERR_INVALID: records too few or misaligned;
 * ERR_RANGE: no RAM at all, more frames than an index can name, or numbers longer than a word (memmap_limit() first). */
MUST_USE err_t frame_init(const struct frame_config *config);

/* The record, or NULL where there is none (also before frame_init). */
static inline struct frame *frame_at(pfn_t pfn)
{
	/* In words: no frame that has a record has a longer number (frame_init). */
	uintptr_t i = (uintptr_t)pfn.v - (uintptr_t)frame_db.first;

	return i < frame_db.count && (uintptr_t)pfn.v == pfn.v ? &frame_db.record[i] : NULL;
}
/* Does the direct map reach it? */
static inline bool frame_is_low(pfn_t pfn)                { return pfn.v < frame_db.low_end; }
static inline uint32_t frame_index(const struct frame *f) { return (uint32_t)(f - frame_db.record); }
static inline pfn_t frame_pfn(const struct frame *f)      { return PFN(frame_db.first + frame_index(f)); }

/* One frame with one reference, no maps, no owner, in state: ACTIVE, TRANSITION, TABLE or KERNEL. ERR_NO_MEMORY. */
MUST_USE err_t frame_alloc(unsigned flags, enum frame_state state, pfn_t *out);
/* 1 << order frames, order at most FRAME_MAX_ORDER, aligned to their number; each as from frame_alloc(). */
MUST_USE err_t frame_alloc_run(unsigned order, unsigned flags, enum frame_state state, pfn_t *first);
/* Puts the owner's reference of count frames in a row. A frame that is held beside it (the command map holds any frame) has
 * no owner and no use from then on; its last holder frees it. */
void frame_free_run(pfn_t first, unsigned count);

/* One more holder of a frame that has one. A free frame, a hole or a pfn without record asserts. */
static inline void frame_get(pfn_t pfn)
{
	struct frame *f = frame_at(pfn);

	ASSERT(f != NULL && f->refs - 1 < UINT32_MAX - 1);      /* held, and not by more than can be counted */
	f->refs++;
}
/* One holder less; the last one frees it: true. Putting a free frame, a hole or a frame that is still mapped or
 * busy asserts. A frame set to FRAME_BAD meanwhile stays out for good. */
bool frame_put(pfn_t pfn);
/* Frames of each zone that allocations leave: what others need to go on. Of the lowest zone, which serves every flag, it is
 * PROC_KEPT_FRAMES while a program runs; of the others 0. */
extern uint32_t frame_keep[FRAME_ZONES];
/* Called when an allocation finds no frame: gives back what can be done without, and returns how many frames this allocation
 * must leave when it is tried once more. It allocates nothing. NULL: there is no second try. */
extern uint32_t (*frame_shortage)(void);

/* Moves a held frame to another state; FREE and ZEROED are frame_put()'s and the pool's business and assert. */
void frame_set_state(pfn_t pfn, enum frame_state state);

/* A list of frames through their links: head is a record index. For free lists, and for holders of frames. */
void frame_link(uint32_t *head, uint32_t index);
void frame_unlink(uint32_t *head, uint32_t index);

/* For idle time: zeroes up to n free frames into the pool; how many it did, 0 when it is full or nothing is free. */
unsigned frame_zero_some(unsigned n);

/* Frames that can be had without reclaim. */
uint32_t frame_available(void);
const struct frame_stats *frame_stats(void);
/* "Zeroed", "Free", ...: WinDbg's words. */
const char *frame_state_name(enum frame_state state);

/* Reads every list and record and holds them against each other: NULL, or a phrase for the first
 * thing wrong and in *where the frame (when where is not NULL). */
const char *frame_check(pfn_t *where);
