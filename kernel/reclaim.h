/* kernel/reclaim.h - page-out's side of the kernel: the tables that mm declares, the trimmer and the writer.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/err.h"
#include <stdbool.h>
#include <stdint.h>

/* Fills mm_wait. After proc_init(). */
void reclaim_start(void);
/* Registers the page files that disk_init() found and have no slots yet, and starts the tasks with the first one. Returns the
 * number of page files in use. */
unsigned reclaim_use_pagefiles(void);
/* Makes page file 2, a pool of compressed pages in memory (mm/reclaim/compressed.h), and starts the tasks. Errors as
 * compressed_create(). */
MUST_USE err_t reclaim_use_compressed(uint64_t bytes);
/* From the timer: wakes the trimmer when memory is low, and the writer once a second. Before the tick makes processes ready and
 * ends requests. */
void reclaim_tick(void);
/* After ERR_NO_MEMORY of something that can begin again, `attempt` counted from 0: true if pages have left memory, so that it can
 * be tried again. False: no allocation had failed for lack of frames, no page can leave, or it was tried often enough. The caller
 * holds nothing; other processes run meanwhile. Ends no process. */
bool reclaim_make_room(unsigned attempt);
