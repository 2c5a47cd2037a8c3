/* mm/phys/frame.h - the frame database and frame allocator: one record for each frame of RAM.
 * SPDX-License-Identifier: MIT
 *
 *   record[0]          is the first frame of RAM, rounded down to a multiple of 4 so that blocks are aligned
 *                      by index; frames in holes have records too (FRAME_BAD)
 *   zone               frames that the same flags allow. The end of the direct map and 4 GiB separate
 *                      the zones. The highest allowed zone is used first, to save low frames
 *   block              1, 2 or 4 free frames, aligned to their number, merged when all are free
 *   hot frames         freed frames, not yet merged (hot list); merged when a run needs a block
 *   run                1, 2 or 4 consecutive frames allocated together; each of its frames has its own
 *                      reference count and is freed separately
 *   zeroed pool        single frames that were zeroed in idle time
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
	FRAME_ACTIVE,     /* mapped, or being mapped */
	FRAME_MODIFIED,   /* unmapped, must be written before reuse */
	FRAME_STANDBY,    /* unmapped; its contents are also stored elsewhere */
	FRAME_TRANSITION, /* under input or output */
	FRAME_TABLE,      /* a translation table */
	FRAME_KERNEL,     /* the kernel's own: image, heap, stacks, reserved ranges */
	FRAME_BAD,        /* no RAM, or RAM that must not be used */
	FRAME_STATES
};

/* Use of a frame by the heap (mm/phys/slab.c, mm/phys/heap.c) or as a table of a whole frame or more (mm/phys/env.c); selects
 * which of the fields in unions are valid. */
enum frame_use { FRAME_USE_NONE, FRAME_USE_SLAB, FRAME_USE_RUN, FRAME_USE_TABLE };

/* Entries of a leaf table: those that map a frame which is no object's, and software entries that name a page. */
struct page_counts { uint32_t committed, softs; };

/* 32 bytes on 32-bit builds, 64 on 64-bit ones: there the record of frame n is at base + n * 64.
 * Any code can read it. Only frame.c writes `state`; the holder of a reference writes owner, maps and busy; while the frame
 * is allocated, its holder uses the links. */
struct frame {
	_Alignas(8 * sizeof(void *)) uint64_t owner;   /* set by the holder: an address space and address, a cache */
	union {
		struct { uint32_t next, prev; };        /* record indices, FRAME_NIL at the ends */
		struct page_counts counts;              /* table: of its entries */
	};
	uint32_t refs;          /* 0 if and only if free, zeroed or a hole */
	uint32_t maps;          /* number of entries that map it; each holds a reference */
	uint8_t state;          /* enum frame_state */
	uint8_t order;          /* first frame of a free block: log2 of its frames; else FRAME_ORDER_NONE */
	union {
		struct {
			uint8_t use : 2;        /* enum frame_use */
			uint8_t busy : 1;       /* a device reads or writes it */
			uint8_t reading : 1;    /* busy, and the contents are not there yet */
			uint8_t listed : 1;     /* on the modified or the standby list, which holds a reference */
			uint8_t stale : 1;      /* written by its physical address: the slot has other bytes */
			uint8_t slotted : 1;    /* `slot` is valid */
			uint8_t seen : 1;       /* a table that a search of all spaces has passed; clear outside such a search */
		};
		uint8_t flags;          /* all of them */
	};
	uint8_t transitions;    /* transition entries that name it; each holds a reference */
	union {
		struct {
			uint16_t slab_used; /* slab: allocated objects; heap run: its frames, in the first record */
			uint16_t slab_free; /* slab: offset of the first free object */
		};
		uint32_t slot;      /* slotted: the page-file slot with the same bytes (mm/reclaim/slots.h) */
		struct {
			uint32_t sharers : 31;  /* leaf table: spaces that have it after fork() (mm/space/share.h); 0: not shared */
			uint32_t copied : 1;    /* a space has a copy of it: frames that its entries map have other entries */
		};
	};
};
STATIC_ASSERT(frame_record_is_32_or_64_bytes, sizeof(struct frame) == 8 * sizeof(void *));

#define FRAME_NIL        UINT32_MAX
#define FRAME_ORDER_NONE 0xFF
#define FRAME_MAX_ORDER  2
#define FRAME_ZONES      3

/* Allocation flags. Without one: any frame, the highest zone first. */
enum {
	FRAME_ANY = 0,
	FRAME_LOW = 1u << 0,        /* in the direct map */
	FRAME_BELOW_4G = 1u << 1,
	FRAME_ZERO = 1u << 2,       /* zeroed, from the pool if possible */
};

struct frame_config {
	const struct memmap *ram;   /* every run of RAM */
	const struct memmap *spare; /* the free part; the rest starts as FRAME_KERNEL with one reference */
	void *records;              /* frame_db_bytes(ram) of them, aligned to a record; not to be in spare */
	size_t bytes;
	pfn_t low_end;              /* first frame above the direct map */
	uint32_t pool_max;          /* limit of the zeroed pool, in frames */
	void (*zero)(void *ctx, pfn_t pfn);   /* zeroes a frame of any zone; must not allocate */
	void *ctx;
};

struct frame_stats {
	uint32_t state[FRAME_STATES];       /* frames in each state; their sum is the number of records */
	uint32_t zone_free[FRAME_ZONES];    /* free and zeroed together, low zone first */
	uint32_t low_free;                  /* the same of all zones that FRAME_LOW allows */
	uint64_t allocs, frees;             /* frames, since frame_init() */
	uint64_t pool_hits, pool_misses;    /* single FRAME_ZERO allocations from the pool, and others */
	uint64_t failures;                  /* failed allocations */
};

/* For the inline functions below; written by frame.c only. */
extern struct frame_db {
	struct frame *record;
	uint64_t first;
	uint32_t count;
	uint64_t low_end;       /* first frame above the direct map */
} frame_db;

/* Bytes of records that a machine with this RAM needs. */
uint64_t frame_db_bytes(const struct memmap *ram);

/* Writes every record once and links the free blocks. ERR_INVALID: records too few or misaligned;
 * ERR_RANGE: no RAM at all, more frames than an index can name, or numbers longer than a word (memmap_limit() first). */
MUST_USE err_t frame_init(const struct frame_config *config);

/* The record, or NULL where there is none (also before frame_init). */
static inline struct frame *frame_at(pfn_t pfn)
{
	/* Machine words suffice: frame_init() refuses larger frame numbers. */
	uintptr_t i = (uintptr_t)pfn.v - (uintptr_t)frame_db.first;

	return i < frame_db.count && (uintptr_t)pfn.v == pfn.v ? &frame_db.record[i] : NULL;
}
/* True if the frame is in the direct map. */
static inline bool frame_is_low(pfn_t pfn)                { return pfn.v < frame_db.low_end; }
/* The frame was written by its physical address: a slot that has a copy of it no longer has the same bytes. A free frame has no
 * copy, and its next user must not get the mark. */
static inline void frame_written(pfn_t pfn)
{
	struct frame *f = frame_at(pfn);

	if (f && f->refs)
		f->stale = true;
}
/* The page-file slot that the record names, or 0. */
static inline uint32_t frame_slot(const struct frame *f)  { return f->slotted ? f->slot : 0; }
static inline uint32_t frame_index(const struct frame *f) { return (uint32_t)(f - frame_db.record); }
static inline pfn_t frame_pfn(const struct frame *f)      { return PFN(frame_db.first + frame_index(f)); }

/* One frame with one reference, no maps, no owner, in state: ACTIVE, TRANSITION, TABLE or KERNEL. ERR_NO_MEMORY. */
MUST_USE err_t frame_alloc(unsigned flags, enum frame_state state, pfn_t *out);
/* frame_alloc(FRAME_ZERO, FRAME_ACTIVE) if the zeroed pool of the zone that is used first has a frame; else NULL, and nothing has
 * changed. Fewer instructions: every first write to a page takes a frame. */
struct frame *frame_take_zeroed(void);
/* 1 << order frames, order at most FRAME_MAX_ORDER, aligned to their number; each as from frame_alloc(). */
MUST_USE err_t frame_alloc_run(unsigned order, unsigned flags, enum frame_state state, pfn_t *first);
/* Drops the owner's reference of `count` consecutive frames. A frame that has another reference (the command `map` takes one)
 * loses its owner and its use; the last holder frees it. */
void frame_free_run(pfn_t first, unsigned count);

/* Adds a reference to a frame that has one. A free frame, a hole or a pfn without record asserts. */
static inline void frame_get(pfn_t pfn)
{
	struct frame *f = frame_at(pfn);

	ASSERT(f != NULL && f->refs - 1 < UINT32_MAX - 1);      /* has a reference, and the count does not overflow */
	f->refs++;
}
/* Drops a reference. True: it was the last one, and the frame is free. A free frame, a hole, or a frame that is still mapped or
 * busy asserts. A frame that was set to FRAME_BAD is never allocated again. */
bool frame_put(pfn_t pfn);
/* Reserve of each zone, in frames: allocations fail instead of using it. Lowest zone, which serves every flag:
 * watermarks.min (mm/reclaim/reclaim.h) while a program runs; other zones: 0. */
extern uint32_t frame_keep[FRAME_ZONES];
/* Called when an allocation finds no frame: frees caches, and returns the reserve of the lowest zone for the second try of this
 * allocation. Allocates nothing. NULL: no second try. */
extern uint32_t (*frame_shortage)(void);

/* Called when the last reference of a frame with a slot is dropped. NULL: frames have none. */
extern void (*frame_slot_release)(struct frame *f);

/* Changes the state of a frame with references. FREE and ZEROED assert: only frame_put() and the pool set them. */
void frame_set_state(pfn_t pfn, enum frame_state state);

/* A list of frames through their links; head is a record index. */
void frame_link(uint32_t *head, uint32_t index);
void frame_unlink(uint32_t *head, uint32_t index);

/* Zeroes up to `n` free frames for the pool, in idle time. Returns their number; 0: the pool is full or no frame is free. */
unsigned frame_zero_some(unsigned n);

/* Number of frames that are free or zeroed. */
uint32_t frame_available(void);
const struct frame_stats *frame_stats(void);
/* "Zeroed", "Free", ...: WinDbg's words. */
const char *frame_state_name(enum frame_state state);

/* Compares every list with every record. NULL, or a phrase for the first error; *where (unless NULL) is its frame. */
const char *frame_check(pfn_t *where);
