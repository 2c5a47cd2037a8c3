/* mm/space/sync.h - entries of the kernel's half that an address space does not have yet.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/aspace.h"

enum sync { SYNC_NOTHING, SYNC_SAME, SYNC_COPIED };

/* Copies the table entry for `va` at format->shared_level from kernel_aspace to `as`, if the entry in `as` is empty.
 * SYNC_COPIED: *own is where it was stored and *copied what. SYNC_SAME: both have the same table. */
enum sync sync_kernel_entry(struct aspace *as, vaddr_t va, struct pt_slot *own, pte_t *copied);
