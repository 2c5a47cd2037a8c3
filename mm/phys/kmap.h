/* mm/phys/kmap.h - kmap slots: temporary kernel addresses for frames above the direct map.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/mmu.h"
#include "mm/phys/direct.h"
#include "mm/phys/frame.h"
#include "paging/walk.h"

/* Allocates the tables of the slots in the kernel's address space. ERR_NO_MEMORY. */
MUST_USE err_t kmap_init(const struct pt_space *kernel);

/* Returns an address of the frame: in the direct map, or in one of KMAP_SLOTS slots, which belongs to the running process until
 * kunmap(). Never fails: using more slots asserts. */
#define KMAP_SLOTS 16
void *kmap_open(pfn_t pfn);
void kmap_close(const void *address);
static inline void *kmap(pfn_t pfn)
{
	return frame_is_low(pfn) ? phys_to_virt(pfn_base(pfn)) : kmap_open(pfn);
}
static inline void kunmap(const void *address)
{
	if ((uintptr_t)address - (uintptr_t)KMAP_START < KMAP_SLOTS * PAGE_SIZE)
		kmap_close(address);
}
/* Maps a page that can be device memory in a slot, with the cache kind `cache`. NULL: entries of this format cannot hold its
 * address. */
void *kmap_device(pfn_t pfn, prot_t cache);
/* After an oops: frees every slot of the running process. */
void kmap_reset(void);

/* arch_flush_icache() for a frame, before an entry that makes it executable. */
void kmap_flush_icache(pfn_t pfn);

/* Read and write physical memory, frame by frame. All or nothing; ERR_IO: not RAM. Writes use a kmap slot, so memory that the
 * kernel maps read-only (its text) can be written. */
MUST_USE err_t phys_read(paddr_t pa, void *buf, size_t n);
MUST_USE err_t phys_write(paddr_t pa, const void *buf, size_t n);
