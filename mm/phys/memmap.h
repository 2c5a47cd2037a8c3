/* mm/phys/memmap.h - the usable RAM: the firmware's ranges as sorted, disjoint runs of whole pages.
 * SPDX-License-Identifier: MIT
 *
 * Firmware ranges can be unsorted, overlapping and not page-aligned. A page is in a run only if every byte of it is usable
 * and no other range contains any of it. frame_init() needs two maps: `ram`, the result of memmap_init(), and `spare`, a copy
 * from which memmap_reserve() removed all memory in use. struct memmap is copied by assignment.
 */
#pragma once
#include "lib/addr.h"
#include "lib/err.h"

struct boot_range;      /* boot/boot_info.h */

#define MEMMAP_MAX_RUNS 64

/* A maximal run: two adjacent runs are merged. */
struct memmap_run {
	paddr_t base;       /* multiple of PAGE_SIZE */
	uint64_t len;       /* multiple of PAGE_SIZE, not 0 */
};

struct memmap {
	unsigned n;
	struct memmap_run run[MEMMAP_MAX_RUNS];   /* ascending */
	uint64_t beyond;    /* usable bytes above the limit of the paging mode or of memmap_limit() */
	uint64_t dropped;   /* usable bytes left out because the table was full */
};

/* The RAM of the machine: mm_init() fills it from boot_info. */
extern struct memmap mm_ram;

/* Fills `map` from the firmware's `n` ranges. Addresses at or above 1 << pa_bits (at most 64) are left out.
 * ERR_NO_MEMORY: there are more than MEMMAP_MAX_RUNS runs. `map` then contains the lowest ones and can be used; `dropped`
 * counts the bytes of the others. */
MUST_USE err_t memmap_init(struct memmap *map, const struct boot_range *ranges, size_t n, unsigned pa_bits);

/* Removes every page that overlaps [pa, pa+len) from the map; pages that are not in it are no error, nor is len 0.
 * ERR_NO_MEMORY: a run must be split and the table is full. The map is unchanged, so it still contains the range. */
MUST_USE err_t memmap_reserve(struct memmap *map, paddr_t pa, uint64_t len);

/* Removes `len` bytes (rounded up to pages, not 0) from the highest run with enough space below `limit`, aligned to `align` (a
 * power of two >= PAGE_SIZE), and stores their address in *out. ERR_NO_MEMORY: no such run, or as memmap_reserve(). */
MUST_USE err_t memmap_take(struct memmap *map, uint64_t len, uint64_t align, paddr_t limit, paddr_t *out);

/* Removes all memory at or above `end` (a multiple of PAGE_SIZE) and adds its size to `beyond`. */
void memmap_limit(struct memmap *map, paddr_t end);

/* True if the map contains every page that overlaps [pa, pa+len), and if len is 0. */
bool memmap_has(const struct memmap *map, paddr_t pa, uint64_t len);

uint64_t memmap_bytes(const struct memmap *map);

/* The first frame, and the one after the last; both 0 when the map is empty. */
pfn_t memmap_first(const struct memmap *map);
pfn_t memmap_end(const struct memmap *map);
