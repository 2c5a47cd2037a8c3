/* mm/space/rmap.c - reports a removed PTE that was never counted.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/rmap.h"

struct mm_bad_hooks mm_bad_hooks;

/* The PTE was written without rmap_add(), for example by `setpte`. The counters of the frame stay unchanged. */
void rmap_complain(struct aspace *as, uint64_t va, pte_t pte, pfn_t pfn)
{
	struct pt_slot upper;

	if (frame_counted(pfn) && mm_bad_hooks.bad_page && pt_lookup(&as->space, va, 1, &upper) == OK)
		mm_bad_hooks.bad_page(as, va, pte, upper.entry, pfn);
}
