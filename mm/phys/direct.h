/* mm/phys/direct.h - the direct map: low physical memory, mapped at a constant offset.
 * SPDX-License-Identifier: MIT
 *
 * Functions, not macros, so that a host test can use its own memory.
 */
#pragma once
#include "lib/addr.h"

/* Direct-map address of pa, which must be below the end of the direct map (frame_is_low()). */
void *phys_to_virt(paddr_t pa);
/* Physical address of a direct-map address; not for vmalloc, kmap or user addresses. */
paddr_t virt_to_phys(const void *va);
