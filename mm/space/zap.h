/* mm/space/zap.h - unmaps pages and keeps their VMAs.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/aspace.h"

/* No other address space shares the tables. Unmaps the pages of [first, first+len) and keeps VMAs and tables: the next access
 * finds zeroes or the object (madvise dontneed). */
void vma_zap(struct aspace *as, uint64_t first, uint64_t len);
/* The same where other address spaces can share the tables. ERR_NO_MEMORY: nothing changed. */
MUST_USE err_t vma_discard(struct aspace *as, uint64_t first, uint64_t len);
