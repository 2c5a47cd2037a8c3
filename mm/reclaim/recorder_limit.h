/* mm/reclaim/recorder_limit.h - the limit of pages in memory, for mm/reclaim/recorder.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/reclaim/recorder.h"

/* Without a limit in the request: does nothing. ERR_NO_MEMORY. */
MUST_USE err_t limit_begin(const struct recorder_request *q);
/* Evicts every page of the space that can be, so that the frames are empty at first, as in the simulator. */
void limit_empty(struct aspace *as);
void limit_end(void);
/* The reference with number `i`, to a page that was in memory before its fault or was not. Evicts a victim if there are too many
 * pages. */
void limit_reference(uint32_t page, bool write, bool was_in_memory, uint32_t i);
