/* mm/space/rmap.c - an entry lets go of a frame that nobody had counted as its own: a complaint.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/rmap.h"

struct mm_complaints mm_complaints;

/* Somebody wrote this entry by hand: the frame is not counted as mapped. It is left alone. */
void rmap_complain(struct aspace *as, uint64_t va, pte_t pte, pfn_t pfn)
{
	struct pt_slot upper;

	if (frame_counted(pfn) && mm_complaints.bad_page && pt_lookup(&as->space, va, 1, &upper) == OK)
		mm_complaints.bad_page(as, va, pte, upper.entry, pfn);
}
