/* mm/zap.c - pages out of a range: entries cleared, flushed, and only then their frames let go.
 * SPDX-License-Identifier: MIT
 *
 * Table by table like fork.c. Whatever is not empty is cleared, also what nobody may have put there: a range must not come to
 * life again with an entry from before.
 */
#include "mm/mm.h"
#include "mm/rmap.h"
#include "mm/tlb.h"

/* The entry's reference: put now when somebody else holds one too, after the flush when it is the last. */
static void let_go(struct tlb_batch *b, pfn_t pfn)
{
	struct frame *f = frame_at(pfn);

	if (f->refs > 1) {
		frame_put(pfn);
		return;
	}
	f->next = b->frame_head;
	b->frame_head = frame_index(f);
}

/* count entries of one level-0 table, from va's at at. */
static void zap_table(struct tlb_batch *b, uint64_t va, paddr_t at, unsigned count)
{
	const struct pt_mode *mode = b->as->space.mode;
	unsigned bytes = mode->format->entry_bytes;

	for (unsigned i = 0; (i = pt_skip_empty(&mm_env, at, bytes, i, count)) < count; i++) {
		paddr_t pa = paddr_add(at, (uint64_t)i * bytes);
		uint64_t page = va + (uint64_t)i * PAGE_SIZE;
		pte_t entry;
		pfn_t pfn;

		if (pt_read(&mm_env, pa, bytes, &entry) != OK || !entry.v)
			continue;
		mm_env.store(NULL, pa, bytes, entry, PTE(0), "unmap");
		tlb_page(b, page);
		if (mode->format->page(mode, entry, page, &pfn) && rmap_drop(b->as, page, entry, pfn))
			let_go(b, pfn);
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
