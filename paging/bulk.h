/* paging/bulk.h - loops over consecutive level-0 entries, expanded in each format file like lookup.h.
 * SPDX-License-Identifier: MIT
 *
 * Fork, unmap and exit process thousands of pages. Calls through pt_format for each page would cost more than everything
 * else: here the format's page() and write_protect() are inlined into one loop.
 */
#pragma once
#include "paging/format.h"

/* The functions that every format file defines under these names; PT_BULK_FROM() and PT_PAGE_FROM() define some of them. */
#define PT_FORMAT_FUNCTIONS \
	.kind = kind, .output = output, .with_output = with_output, .page = page, .frames = frames, .share = share, \
	.make_table = make_table, .make_leaf = make_leaf, .prot = prot

/* Entry i of a row of entries in memory; `bytes` is a constant 4 or 8, so one branch remains.
 * pt_put() stores to memory that no CPU walks: a plain store is enough. */
PT_INLINE pte_t pt_load(const void *entries, unsigned bytes, unsigned i)
{
	return PTE(bytes == 4 ? ((const uint32_t *)entries)[i] : ((const uint64_t *)entries)[i]);
}

PT_INLINE void pt_put(void *entries, unsigned bytes, unsigned i, pte_t pte)
{
	if (bytes == 4)
		((uint32_t *)entries)[i] = (uint32_t)pte.v;
	else
		((uint64_t *)entries)[i] = pte.v;
}

/* Defines pt_format.frames() and .share() for entries of type `word`. The loops use a local copy of the mode: no store through
 * a pointer can change it, so its fields stay in registers. */
#define PT_BULK_FROM(word, page, write_protect) \
	static void frames(const struct pt_mode *mode, const void *entries, unsigned count, uint64_t va, \
	                   uint32_t *frame) \
	{ \
		const struct pt_mode m = *mode; \
		const uint64_t size = pt_level_size(m.format, 0); \
		for (unsigned i = 0; i < count; i++, va += size) { \
			pte_t pte = pt_load(entries, sizeof(word), i); \
			pfn_t pfn; \
			bool maps = page(&m, pte, va, &pfn); \
			frame[i] = maps && !(pfn.v >> 32) ? (uint32_t)pfn.v : PT_NO_FRAME; \
		} \
	} \
	static bool share(const struct pt_mode *mode, const void *from, void *to, unsigned count, uint64_t va, \
	                  uint32_t *frame) \
	{ \
		const struct pt_mode m = *mode; \
		const uint64_t size = pt_level_size(m.format, 0); \
		word differs = 0; \
		for (unsigned i = 0; i < count; i++, va += size) { \
			pte_t pte = pt_load(from, sizeof(word), i); \
			pfn_t pfn; \
			bool maps = page(&m, pte, va, &pfn); \
			pte_t now = maps ? write_protect(&m, 0, pte) : pte; \
			differs |= (word)(pte.v ^ now.v); \
			pt_put(to, sizeof(word), i, now); \
			frame[i] = maps && !(pfn.v >> 32) ? (uint32_t)pfn.v : PT_NO_FRAME; \
		} \
		return differs; \
	}
