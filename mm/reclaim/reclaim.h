/* mm/reclaim/reclaim.h - page-out: evicting pages, writing them to a page file, bringing them back.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/pageout.h"

/* After mm_init(): faults on software entries bring pages back. */
void reclaim_init(void);

/* Evicts the page of `va` by one step: mapped: it becomes modified or standby, with transition or prototype entries. Modified: its
 * write is started. Standby: its frame is freed, and its entries name the slot.
 * ERR_NOT_FOUND: no page there. ERR_EXISTS: it is only in the page file, or in its own file, already. ERR_BUSY: a transfer is in
 * flight, or something other than entries holds the frame. ERR_INVALID: pages of this kind stay. ERR_ACCESS: a
 * locked range maps the frame. ERR_NO_MEMORY: no page file, or no free slot. */
MUST_USE err_t evict_page(struct aspace *as, uint64_t va);
/* Unmaps up to n pages of the space that have not been used since the last call. Returns their number. */
unsigned trim_space(struct aspace *as, unsigned n);
/* Puts up to n pages of objects that no PTE maps on the modified or the standby list. Returns their number. */
unsigned sweep_objects(unsigned n);
/* Evicts up to n pages: pages of objects that no PTE maps, victims of the replacement policy (replace.h), pages of objects that
 * have not been used. Returns their number. */
unsigned trim_some(unsigned n);
/* Starts writing modified pages, in requests of neighbouring slots, while there are pages, requests and slots. Returns the number
 * of pages. */
unsigned write_modified(void);

/* Numbers of free frames. min: programs leave so many to the shell and to the tasks that free memory (frame_keep). low and high:
 * below low, standby frames included, the trimmer starts, and it stops at high. */
struct watermarks { uint32_t min, low, high; };
extern struct watermarks watermarks;
#define WATERMARK_MIN   64      /* at first */
#define WATERMARK_LEAST 16      /* of min: stack, tables and pages of a small program */
/* ERR_RANGE: min is below WATERMARK_LEAST, or high above half of the frames that pages can use. ERR_INVALID: min, low, high do not
 * ascend. Nothing changed then. */
MUST_USE err_t watermarks_set(const struct watermarks *w);
/* Frames that pages can use: all but those of tables and of the kernel itself. */
uint32_t reclaim_frames(void);
/* True from the low watermark of free and standby frames up to the high one. May be called from interrupt handlers. */
bool trimmer_is_wanted(void);
/* One round of the trimmer: while it is wanted, evicts pages. True: there was something to do. */
bool trimmer_round(void);

/* Slots that one page-in reads at most, the wanted one among them: 1 to READAHEAD_MAX; READAHEAD_AUTO: the kernel adapts the number
 * to the use of the pages that it read ahead, for each address space. */
#define READAHEAD_MAX  32
#define READAHEAD_AUTO 0
extern unsigned readahead;
/* Pages read ahead since boot; of these the mapped ones, and those that were freed or written over before their first use. */
extern struct readahead_counts { uint64_t read, used, dropped; } readahead_counts;

struct reclaim_counts { uint64_t trimmed, released, hard, soft, failed; };
extern struct reclaim_counts reclaim_counts;

/* Compares entries, frames and slots. NULL, or a phrase for the first error; *where: a slot or frame number. */
const char *reclaim_check(uint64_t *where);
