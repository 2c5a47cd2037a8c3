/* mm/kmap.h - windows: kernel addresses for frames that the direct map does not show.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/frame.h"
#include "mm/pt/format.h"

/* An address of the frame: the direct map's if it has one, else a window of the few there are. Nests to
 * KMAP_WINDOWS; give back in reverse order. Never fails: running out of windows asserts. */
#define KMAP_WINDOWS 16
void *kmap(pfn_t pfn);
void kunmap(const void *address);
/* After a command was thrown out of (oops): every window is free again. */
void kmap_reset(void);

/* arch_sync_code() for a frame, before an entry that makes it executable. */
void kmap_sync_code(pfn_t pfn);

/* Physical memory, frame by frame. All or nothing; ERR_IO where there is no RAM. Writes go through a window of their own:
 * what the kernel maps read-only for itself, its text too, can be written. */
MUST_USE err_t phys_read(paddr_t pa, void *buf, size_t n);
MUST_USE err_t phys_write(paddr_t pa, const void *buf, size_t n);
