/* mm/space/fork.h - a second address space over the same frames.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/aspace.h"

/* Copies every VMA of from into to, an empty aspace, sharing frames: private writable pages become read-only in
 * both (copy on write). ERR_NO_MEMORY: `to` is incomplete and must be destroyed. */
MUST_USE err_t aspace_fork(struct aspace *from, struct aspace *to);
