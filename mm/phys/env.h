/* mm/phys/env.h - the kernel's environment for the walker: read and store an entry, allocate and free a table.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/walk.h"

extern struct pt_env mm_env;

/* Sets the linear range of mm_env, which the walker reads without a call. The direct map and the frame database must exist; the
 * boot stage has mapped physical memory up to boot_mapped. */
void env_open_linear(uint64_t boot_mapped);

/* mm_env.table_alloc() of a table of one page whose entries the caller stores, all of them: it may hold anything. */
MUST_USE err_t env_table_to_fill(paddr_t *out);
