/* mm/backing/pagecache.c - arrays of cached frames.
 * SPDX-License-Identifier: MIT
 */
#include "mm/backing/pagecache.h"
#include "mm/space/vmalloc.h"

uint32_t *pagecache_alloc(uint64_t n)
{
	return kvzalloc((n ? n : 1) * sizeof(uint32_t), "page cache");
}

void pagecache_free(uint32_t *page, uint64_t n)
{
	pfn_t pfn;

	for (uint64_t i = 0; i < n; i++)
		if (pagecache_get(page, i, &pfn)) {
			frame_at(pfn)->owner = 0;
			frame_put(pfn);
		}
	kvfree(page);
}
