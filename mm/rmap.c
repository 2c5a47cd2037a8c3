/* mm/rmap.c - an entry lets go of its frame: counted back, or complained about when nobody had counted it.
 * SPDX-License-Identifier: MIT
 */
#include "mm/rmap.h"

struct mm_complaints mm_complaints;

/* Somebody wrote this entry by hand: the frame is not counted as mapped. It is left alone. */
static void complain(struct aspace *as, uint64_t va, pte_t pte, pfn_t pfn)
{
	unsigned level = 1;
	pte_t upper = PTE(0);
	paddr_t at;

	if (mm_complaints.bad_page && pt_slot(&as->space, va, &level, &at, &upper) == OK)
		mm_complaints.bad_page(as, va, pte, upper, pfn);
}

bool rmap_drop(struct aspace *as, uint64_t va, pte_t pte, pfn_t pfn)
{
	const struct frame *f = frame_counted(pfn);

	if (!f)
		return false;
	if (f->refs == 0 || f->maps == 0) {
		complain(as, va, pte, pfn);
		return false;
	}
	rmap_remove(as, pfn);
	return true;
}
