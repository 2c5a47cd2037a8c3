/* mm/space/remote.h - another address space's memory, through its tables and faults: for exec, debuggers, madvise.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/fault.h"

/* Faults in the page of `va` as a user access would, and returns its frame. ERR_NOT_FOUND: no VMA,
 * ERR_INVALID: the VMA does not permit it, ERR_NO_MEMORY, ERR_IO, ERR_CORRUPT. */
MUST_USE err_t aspace_fault_in(struct aspace *as, uint64_t va, bool write, pfn_t *pfn);
/* Writes bytes independent of the rights (copies a private read-only page first), for the pages of exec. ERR_ACCESS: a shared
 * VMA of a read-only object. */
MUST_USE err_t aspace_write(struct aspace *as, uint64_t va, const void *buf, uint64_t n);
