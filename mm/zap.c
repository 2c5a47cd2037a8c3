/* mm/zap.c - pages out of a range: entries cleared, flushed, and only then their frames let go.
 * SPDX-License-Identifier: MIT
 *
 * Table by table like fork.c. Whatever is not empty is cleared, also what nobody may have put there: a range must not come to
 * life again with an entry from before.
 */
#include "mm/entries.h"

/* count entries of one level-0 table, from va's at pa. */
static void zap_table(struct tlb_batch *b, uint64_t va, paddr_t pa, unsigned count)
{
	unsigned bytes = b->as->space.mode->format->entry_bytes, n;
	char *at = entries_at(pa);

	for (unsigned i = 0; at && (n = entries_row(pa, &i, count)) > 0; i += n) {
		uint64_t first = va + (uint64_t)i * PAGE_SIZE;

		entries_drop(b->as, first, at + i * bytes, n, b);
		entries_store(paddr_add(pa, (uint64_t)i * bytes), at + i * bytes, NULL, n, "unmap");
		tlb_pages(b, first, n);
	}
}

void vma_zap(struct aspace *as, uint64_t first, uint64_t len)
{
	uint64_t reach = pt_level_size(as->space.mode->format, 1), last = first + (len - 1), next;
	struct tlb_batch b;

	tlb_begin(&b, as);
	for (uint64_t va = first; va <= last && va >= first; va = next) {
		unsigned level = 0;
		paddr_t at;
		pte_t entry;

		next = ALIGN_DOWN(va, reach) + reach;
		if (pt_slot(&as->space, va, &level, &at, &entry) == OK && level == 0)
			zap_table(&b, va, at, (unsigned)(((next - 1 < last ? next - 1 : last) - va) / PAGE_SIZE + 1));
	}
	tlb_finish(&b);
}
