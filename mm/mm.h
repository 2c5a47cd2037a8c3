/* mm/mm.h - initialisation and check of all memory management.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "boot/boot_info.h"
#include "mm/phys/env.h"
#include "mm/phys/journal.h"
#include "mm/phys/memmap.h"

struct mm_report {
	err_t memmap;               /* ERR_NO_MEMORY: `dropped` bytes are not used */
	uint64_t beyond, dropped;   /* bytes that cannot be used */
	unsigned reserved;          /* reserve=PA,LEN ranges kept out */
};

/* Runs, direct map, frame database, heap, kernel address space, zero frame. Not the identity map: that stays until
 * mm_drop_identity(). ERR_NO_MEMORY when the machine is smaller than MM_MINIMUM. */
#define MM_MINIMUM (15u << 20)
MUST_USE err_t mm_init(const struct boot_info *info, uint64_t image_end_pa, struct mm_report *report);
void mm_drop_identity(void);
/* Bounds of the identity map, which is in the kernel's own root only. False: it was removed. */
bool mm_identity(uint64_t *first, uint64_t *last);

/* Checks frames, heap, zero frame, and VMAs against tables. NULL, or a phrase for the first error. */
const char *mm_check(void);
