/* mm/backing/pagecache.c - arrays of cached frames.
 * SPDX-License-Identifier: MIT
 */
#include "mm/backing/pagecache.h"
#include "lib/string.h"
#include "mm/phys/heap.h"
#include "mm/space/vmalloc.h"

uint32_t *pagecache_alloc(uint64_t n)
{
	uint64_t bytes = (n ? n : 1) * sizeof(uint32_t);
	void *page;

	if (bytes <= (uint64_t)HEAP_MAX)
		return kzalloc((size_t)bytes);
	/* vmalloc's frames are zeroed. */
	return vmalloc(bytes, PROT_R | PROT_W, "page cache", &page) == OK ? page : NULL;
}

void pagecache_free(uint32_t *page, uint64_t n)
{
	pfn_t pfn;

	for (uint64_t i = 0; i < n; i++)
		if (pagecache_get(page, i, &pfn)) {
			frame_at(pfn)->owner = 0;
			frame_put(pfn);
		}
	if ((n ? n : 1) * sizeof(uint32_t) <= (uint64_t)HEAP_MAX)
		kfree(page);
	else
		vfree(page);
}
