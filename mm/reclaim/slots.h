/* mm/reclaim/slots.h - page-file slots: who refers to each, and which frame holds the same bytes.
 * SPDX-License-Identifier: MIT
 *
 * A slot is named by its file and its offset in pages, packed in a word; 0 is no slot, because offset 0 is the file's header.
 * References to a slot are: each page-file entry, the frame whose record names it, and a transfer in flight. A slot without
 * references is free. An entry in a leaf table that several address spaces share refers once, as the table does.
 */
#pragma once
#include "lib/err.h"
#include "mm/phys/frame.h"
#include "paging/soft.h"

#define SLOT_DISKS 2            /* page files on disks: 0 and 1 */
#define SLOT_FILES 3            /* and COMPRESSED_FILE */
#define SLOT_FILE_SHIFT 30
#define SLOT_OFFSET_MAX ((1u << SLOT_FILE_SHIFT) - 1)

struct slot {
	uint32_t frame;             /* record index + 1 of the frame with the same bytes, or that is being read; 0: none */
	uint16_t refs;
	bool bad : 1;               /* a write of it alone failed: never used again */
	bool read_failed : 1;       /* a read of it alone failed: the next fault that needs it reports an I/O error */
	/* A request that contained it failed, and the error does not say which slot was the cause: it is transferred alone until
	 * that succeeds. */
	bool suspect : 1;
	bool borrowed : 1;          /* slots_borrow(): it holds no page */
	bool ahead : 1;             /* `frame` was read ahead, and no fault has needed it yet */
};

struct slot_stats {
	uint32_t total;             /* slots that are used, the header among them */
	uint32_t used, bad;
	uint64_t writes, reads;
	/* The smallest of these is `total`: slots of the file, numbers that the Offset of an entry can hold, slots that the
	 * table of slots can describe. */
	uint64_t offered, by_format, by_memory;
};

static inline uint32_t slot_id(unsigned file, uint64_t offset) { return (uint32_t)(file << SLOT_FILE_SHIFT | offset); }
static inline unsigned slot_file(uint32_t id)   { return id >> SLOT_FILE_SHIFT; }
static inline uint32_t slot_offset(uint32_t id) { return id & SLOT_OFFSET_MAX; }

/* Adds page file `file` with `count` slots, the header among them; uses only as many as the entries of this paging format can
 * name, and as a table in a sixteenth of the free memory can describe. ERR_NO_MEMORY; ERR_RANGE: no such file number;
 * ERR_EXISTS. */
MUST_USE err_t slots_add(unsigned file, uint64_t count);
/* Forgets every page file; no slot has references. For tests, which start again. */
void slots_remove_all(void);
/* NULL: no such slot, or slot 0 of a file. */
struct slot *slot_at(uint32_t id);
/* Finds up to `count` consecutive free slots and gives each one reference. Returns their number, 0: none is free. The compressed
 * store comes first: it is faster than a disk. */
unsigned slots_take(unsigned count, uint32_t *first);
/* Takes `count` consecutive slots of a page file on a disk, for a benchmark. ERR_NO_MEMORY: there are not so many in a row. */
MUST_USE err_t slots_borrow(unsigned file, unsigned count, uint64_t *first);
void slots_give_back(unsigned file, uint64_t first, unsigned count);
void slot_get(uint32_t id);
/* Drops a reference. Returns the number left. */
unsigned slot_put(uint32_t id);
/* False: no such file. */
bool slots_stats(unsigned file, struct slot_stats *out);
/* True if no page file and no compressed store has a free slot. */
bool slots_are_full(void);
/* Counts a transfer, for slots_stats(). */
void slots_count(uint32_t id, unsigned count, bool write);
/* Calls fn for each slot with references. */
void slots_each(void (*fn)(void *ctx, uint32_t id, struct slot *s), void *ctx);
/* The slot that a page-file entry names, with or without references. 0: the entry is of another kind, or there is no such slot. */
uint32_t slot_named_by(const struct pt_soft *soft);
/* The same for a slot in use; 0 for an entry that was written by hand. */
uint32_t slot_of_entry(const struct pt_soft *soft);
