/* mm/space/rmap.c - an entry lets go of a frame that nobody had counted as its own: a complaint.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/rmap.h"

struct mm_complaints mm_complaints;

/* Somebody wrote this entry by hand: the frame is not counted as mapped. It is left alone. */
void rmap_complain(struct aspace *as, uint64_t va, pte_t pte, pfn_t pfn)
{
	unsigned level = 1;
	pte_t upper = PTE(0);
	paddr_t at;

	if (frame_counted(pfn) && mm_complaints.bad_page && pt_slot(&as->space, va, &level, &at, &upper) == OK)
		mm_complaints.bad_page(as, va, pte, upper, pfn);
}
