/* mm/phys/direct.h - the direct map: low physical memory at a fixed distance in virtual memory.
 * SPDX-License-Identifier: MIT
 *
 * Functions, not macros, so that a host test can stand its own memory behind them.
 */
#pragma once
#include "lib/addr.h"

/* Where the direct map shows pa, which must be below its end (frame_is_low()). */
void *phys_to_virt(paddr_t pa);
/* The physical address behind a direct-map address; not for vmalloc, kmap or user addresses. */
paddr_t virt_to_phys(const void *va);
