/* mm/kmap_impl.h - what mm/init.c calls once of kmap.c and env.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/err.h"

/* Lets the walker read tables without a call; after the direct map and the frames stand. */
void env_open_window(uint64_t boot_mapped);
/* Makes the tables of the windows. ERR_NO_MEMORY. */
MUST_USE err_t kmap_init(void);
