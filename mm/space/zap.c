/* mm/space/zap.c - unmaps pages: clears entries, flushes the TLB, then drops the frames.
 * SPDX-License-Identifier: MIT
 *
 * Table by table like fork.c. Every non-empty entry is cleared, corrupt ones too: a later VMA at these
 * addresses must not find an old entry.
 */
#include "mm/space/zap.h"
#include "mm/phys/table.h"
#include "mm/space/entries.h"
#include "mm/space/share.h"
#include "mm/space/vma.h"

static void zap_part(struct tlb_batch *b, const struct entries_part *p)
{
	unsigned bytes = b->as->space.half[0].mode->format->entry_bytes, n;
	char *at = entries_at(p->pa);

	for (unsigned i = 0; at && (n = pte_batch(p->pa, &i, p->count)) > 0; i += n) {
		uint64_t va = p->va + (uint64_t)i * PAGE_SIZE;

		entries_drop(b->as, counts_at(b->as, p->pa), va, at + i * bytes, n, b);
		table_store_row(paddr_add(p->pa, (uint64_t)i * bytes), bytes, NULL, n, "unmap");
		tlb_pages(b, va, n);
	}
}

void vma_zap(struct aspace *as, uint64_t first, uint64_t len)
{
	struct entries_part p = { .next = first };
	struct tlb_batch b;

	tlb_begin(&b, as);
	while (entries_part(&as->space, first + (len - 1), &p))
		zap_part(&b, &p);
	tlb_finish(&b);
}

err_t vma_discard(struct aspace *as, uint64_t first, uint64_t len)
{
	err_t err = share_end_bounds(as, first, len);

	if (err != OK)
		return err;
	share_leave_range(as, first, len);
	vma_zap(as, first, len);
	return OK;
}
