/* mm/space/vmalloc.h - kernel virtual addresses: memory of any size, contiguous only here, with guard pages.
 * SPDX-License-Identifier: MIT
 *
 * Mapped at once, in the reference tables (kernel_aspace); another root sees a range after its first fault there.
 */
#pragma once
#include "mm/space/aspace.h"

/* Whole pages; an unmapped guard page follows every range. ERR_NO_MEMORY. Frames of any zone. */
MUST_USE err_t vmalloc(uint64_t bytes, prot_t prot, const char *name, void **out);
/* Unmaps, flushes, frees. A pointer that vmalloc() did not return asserts. */
void vfree(void *p);
/* Zeroed memory of any size: from the heap (heap.h) up to HEAP_MAX bytes, else from vmalloc. NULL: no memory. */
void *kvzalloc(uint64_t bytes, const char *name);
void kvfree(void *p);
/* Reserves addresses only, demand-paged with zeroes (shell: demand). ERR_NO_MEMORY, ERR_INVALID for 0. */
MUST_USE err_t vmalloc_demand(uint64_t bytes, const char *name, uint64_t *out);
/* Releases a demand range by any address of it: ERR_NOT_FOUND. */
MUST_USE err_t vmalloc_release(uint64_t va);
/* Only addresses: the caller maps. */
MUST_USE err_t vmalloc_reserve(uint64_t bytes, const char *name, uint64_t *out);

/* A kernel stack of KSTACK_BYTES with a guard page below; present in every root. NULL: no memory. Returns its top. */
#define KSTACK_BYTES 16384
void *kstack_alloc(void);
void kstack_free(void *top);
/* Unmaps the stacks that are kept for reuse. Returns the number of frames freed. */
unsigned kstack_shrink(void);
/* Top of the kernel stack that contains va, its guard page included. NULL: va is not in the stack area. */
void *kstack_top(uint64_t va);
/* True if va is in the guard page below a kernel stack. */
bool kstack_is_guard(uint64_t va);
