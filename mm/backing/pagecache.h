/* mm/backing/pagecache.h - pages of an object by their number: an array of frames, each with one reference.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/phys/frame.h"

/* n entries, all empty. From the heap or, when that is too small, from vmalloc. NULL: no memory. */
uint32_t *pagecache_alloc(uint64_t n);
/* Puts every frame and the array. */
void pagecache_free(uint32_t *page, uint64_t n);

static inline bool pagecache_get(const uint32_t *page, uint64_t i, pfn_t *out)
{
	if (page[i])
		*out = frame_pfn(&frame_db.record[page[i] - 1]);
	return page[i] != 0;
}
static inline void pagecache_set(uint32_t *page, uint64_t i, pfn_t pfn)
{
	page[i] = frame_index(frame_at(pfn)) + 1;
}
