/* mm/space/remote.h - another address space's memory, through its tables and faults: for exec, debuggers, madvise.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/fault.h"

/* Makes the page of va present for the access as user mode would, and tells its frame. ERR_NOT_FOUND: no range,
 * ERR_INVALID: the range does not allow it, ERR_NO_MEMORY, ERR_IO, ERR_CORRUPT. */
MUST_USE err_t aspace_fault_in(struct aspace *as, uint64_t va, bool write, pfn_t *pfn);
/* Writes bytes whatever the rights (a private read-only page is copied first): for exec's own pages. ERR_ACCESS: a shared
 * range of an object that no mapping writes. */
MUST_USE err_t aspace_write(struct aspace *as, uint64_t va, const void *buf, uint64_t n);
