/* shell/live/space_pages.h - the pages of a VMA, and their accessed bits.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/vma.h"

/* Calls fn for each entry that translates pages of v, with the first of them and their number: 1, or all pages of v below an
 * entry of a higher level, which is a large page or no table. fn may clear the accessed bit. */
void space_pages(const struct vma *v, void (*fn)(void *ctx, const struct vma *v, uint64_t va, uint64_t pages,
                                                 const struct pt_slot *slot), void *ctx);
/* The accessed bit of a leaf. `clear`: of a small page it is then clear; the replacement policy still sees that it was set. */
bool space_page_used(struct aspace *as, uint64_t va, const struct pt_slot *slot, bool clear);
