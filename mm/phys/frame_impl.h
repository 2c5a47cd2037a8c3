/* mm/phys/frame_impl.h - shared by frame.c, frame_init.c and frame_check.c only.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/phys/frame.h"

#define FRAME_ORDERS (FRAME_MAX_ORDER + 1)

/* Heads of the lists: indices of records, FRAME_NIL when empty. */
struct frame_lists {
	uint32_t block[FRAME_ZONES][FRAME_ORDERS];  /* free blocks by their order */
	uint32_t zeroed[FRAME_ZONES];               /* the zeroed pool */
	uint32_t hot[FRAME_ZONES];                  /* freed frames, not yet merged */
	uint32_t hot_count[FRAME_ZONES];            /* at most pool_max */
	uint32_t zone_start[FRAME_ZONES];           /* first index of each zone; [0] is 0 */
	uint8_t top_zone[4];                        /* the highest zone with frames for FRAME_LOW | FRAME_BELOW_4G */
	uint32_t pool_max;
	void (*zero)(void *ctx, pfn_t pfn);
	void *ctx;
	struct frame_stats stats;
};
extern struct frame_lists frame_lists;

static inline unsigned frame_zone(uint32_t i)
{
	return (i >= frame_lists.zone_start[1]) + (i >= frame_lists.zone_start[2]);
}
