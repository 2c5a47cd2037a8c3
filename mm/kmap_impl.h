/* mm/kmap_impl.h - what mm/init.c calls once.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/err.h"

/* Makes the tables of the windows. ERR_NO_MEMORY. */
MUST_USE err_t kmap_init(void);
