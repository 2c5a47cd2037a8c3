/* mm/phys/kmap.h - windows: kernel addresses for frames that the direct map does not show.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/mmu.h"
#include "mm/phys/direct.h"
#include "mm/phys/frame.h"
#include "paging/walk.h"

/* Makes the tables of the windows in the kernel's space. ERR_NO_MEMORY. */
MUST_USE err_t kmap_init(const struct pt_space *kernel);

/* An address of the frame: the direct map's if it has one, else a window of the few there are. Nests to
 * KMAP_WINDOWS; give back in reverse order. Never fails: running out of windows asserts. */
#define KMAP_WINDOWS 16
void *kmap_open(pfn_t pfn);
void kmap_close(const void *window);
static inline void *kmap(pfn_t pfn)
{
	return frame_is_low(pfn) ? phys_to_virt(pfn_base(pfn)) : kmap_open(pfn);
}
static inline void kunmap(const void *address)
{
	if ((uintptr_t)address - (uintptr_t)KMAP_START < KMAP_WINDOWS * PAGE_SIZE)
		kmap_close(address);
}
/* The same for a page that may be a device's, in a window of its own with that cache kind. NULL: the format's entries do not
 * reach it. */
void *kmap_device(pfn_t pfn, prot_t cache);
/* After a command was thrown out of (oops): every window is free again. */
void kmap_reset(void);

/* arch_sync_code() for a frame, before an entry that makes it executable. */
void kmap_sync_code(pfn_t pfn);

/* Physical memory, frame by frame. All or nothing; ERR_IO where there is no RAM. Writes go through a window of their own:
 * what the kernel maps read-only for itself, its text too, can be written. */
MUST_USE err_t phys_read(paddr_t pa, void *buf, size_t n);
MUST_USE err_t phys_write(paddr_t pa, const void *buf, size_t n);
