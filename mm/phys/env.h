/* mm/phys/env.h - the kernel's environment for the walker: how it reads, stores and allocates tables.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/walk.h"

extern struct pt_env mm_env;

/* Lets the walker read tables without a call. The direct map and the frame database exist; the boot stage mapped physical
 * memory up to boot_mapped. */
void env_open_window(uint64_t boot_mapped);
