/* mm/phys/heap.h - the kernel's own memory: kmalloc and kfree, from 1 byte to 16 KiB.
 * SPDX-License-Identifier: MIT
 *
 * Addresses are in the direct map. Every allocation can fail. Sizes up to half a page use slab caches, sizes up to HEAP_MAX use
 * runs of frames; mm/space/vmalloc.h allocates larger sizes.
 */
#pragma once
#include "mm/phys/slab.h"

#define HEAP_ALIGN 16
#define HEAP_MAX   (4 * PAGE_SIZE)

struct heap_stats {
	uint32_t objects;       /* allocated by kmalloc, without the slabs of other caches */
	uint64_t bytes;         /* their total size, rounded up to sizes of caches and pages */
	uint32_t slab_frames;   /* of kmalloc's own caches */
	uint32_t run_frames;
	uint64_t failures;      /* failed calls, including sizes of 0 and above HEAP_MAX */
};

/* Once, after frame_init(). */
void heap_init(void);

/* Aligned to HEAP_ALIGN, whole-page sizes to PAGE_SIZE; contents unknown. NULL for 0, over HEAP_MAX or no frames. */
void *kmalloc(size_t size);
/* Filled with zeroes. */
void *kzalloc(size_t size);
/* NULL is ignored. Any other pointer that kmalloc() did not return, or that was freed, asserts. Poisons the memory. */
void kfree(void *p);
/* Usable size of the allocation, at least the requested size. */
size_t kmalloc_size(const void *p);
/* Frees every empty slab. Returns the number of frames. */
unsigned heap_shrink(void);

void heap_stats(struct heap_stats *out);
/* Checks the runs and all slab caches. NULL, or a phrase for the first error; *where (unless NULL) is its address. */
const char *heap_check(const void **where);
