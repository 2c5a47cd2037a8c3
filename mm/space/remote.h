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
/* Before a store to the frame of `va` by a debugger, which no right of the VMA stops: brings the page in, and replaces the
 * shared zero frame by a frame of its own. Every other frame stays, whatever else maps it. ERR_NOT_FOUND: no page can be there;
 * ERR_ACCESS: the zero frame is mapped where nothing else can be; ERR_NO_MEMORY, ERR_IO, ERR_CORRUPT. */
MUST_USE err_t aspace_prepare_store(struct aspace *as, uint64_t va);
