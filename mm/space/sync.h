/* mm/space/sync.h - entries of the kernel's half that an address space does not have yet.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/aspace.h"

enum sync { SYNC_NOTHING, SYNC_SAME, SYNC_COPIED };

/* True: this root has the reference's table, because its entry has not changed since a fault found it there. Tables of the kernel
 * half are never freed, so the reference's entry does not change. */
PT_INLINE bool has_kernel_entry(const struct aspace *as, vaddr_t va)
{
	const struct kernel_entry *k = &as->kernel_half;

	return va - k->first < k->bytes && pt_entry_at(k->at, as->space.half[0].mode->format->entry_bytes).v == k->entry.v;
}

/* Without a kept entry. */
enum sync sync_kernel_entry_slow(struct aspace *as, vaddr_t va, struct pt_slot *own, pte_t *copied);

/* Copies the table entry for `va` at format->shared_level from kernel_aspace to `as`, if the entry in `as` is empty.
 * SYNC_COPIED: *own is where it was stored and *copied what. SYNC_SAME: both have the same table. */
static inline enum sync sync_kernel_entry(struct aspace *as, vaddr_t va, struct pt_slot *own, pte_t *copied)
{
	return as == &kernel_aspace || has_kernel_entry(as, va) ? SYNC_SAME : sync_kernel_entry_slow(as, va, own, copied);
}
