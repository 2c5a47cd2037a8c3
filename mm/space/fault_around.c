/* mm/space/fault_around.c - fault-around: a fault fills the empty entries behind its own one, too.
 * SPDX-License-Identifier: MIT
 *
 * Sequential use then takes one fault for several pages. The entries are those of the same VMA and the same level-0 table, up to
 * the first that is not empty, so they are one row of the journal. Their A bit is clear where the CPU sets it: the pages were not
 * used yet. No flush is necessary: no CPU keeps an empty entry in its TLB.
 */
#include "arch/mmu.h"
#include "mm/phys/table.h"
#include "mm/space/fault_impl.h"
#include "mm/space/fault_log.h"
#include "mm/space/recording.h"
#include "mm/space/share.h"
#include "paging/bulk.h"

unsigned fault_around = 1;

/* What is behind the entry of the fault. */
struct around {
	struct aspace *as;
	const struct vma *vma;
	vaddr_t va;         /* of the first page */
	struct page_counts *counts;     /* of its entries */
	unsigned most;      /* entries, of which the first may be filled already */
};

/* Pages behind the one of va: of the VMA and of the table, not more than wanted. */
static unsigned most_behind(const struct aspace *as, const struct vma *v, vaddr_t va)
{
	vaddr_t last = va | (vaddr_t)(pt_level_size(as->space.half[0].mode->format, 1) - 1), pages;

	last = last < v->last ? last : v->last;
	pages = (last >> PAGE_SHIFT) - (va >> PAGE_SHIFT);
	return pages < fault_around - 1 ? (unsigned)pages : fault_around - 1;
}

PT_INLINE unsigned empty_entries(const char *at, unsigned most, unsigned bytes)
{
	unsigned n = 0;

	while (n < most && !pt_entry_at(at + n * bytes, bytes).v)
		n++;
	return n;
}

/* A page that was not asked for is no reason to free others. */
static bool has_spare(unsigned n)
{
	uint32_t kept = 0;

	for (unsigned zone = 0; zone < FRAME_ZONES; zone++)
		kept += frame_keep[zone];
	return frame_available() >= kept + n;
}

/* Each of the next three stores up to n PTEs at `value` and counts their pages. Returns how many. */
PT_INLINE unsigned zero_pages(const struct around *a, void *value, unsigned n, unsigned bytes)
{
	pte_t leaf = PTE(a->vma->zero_leaf.v & ~leaf_accessed);
	struct frame *zero = zero_record;

	if (zero->refs > UINT32_MAX - n)
		return 0;
	for (unsigned i = 0; i < n; i++)
		pt_put(value, bytes, i, leaf);
	zero->refs += n;
	zero->maps += n;
	return n;
}

PT_INLINE unsigned new_pages(const struct around *a, void *value, unsigned n, unsigned bytes)
{
	uint64_t leaf = a->vma->leaf[true].v & ~leaf_accessed;
	struct frame *f;
	unsigned i = 0;

	if (!has_spare(n))
		return 0;
	for (; i < n && (f = fault_zeroed_frame()); i++) {
		fault_own(a->as, a->counts, a->va + i * PAGE_SIZE, f);
		pt_put(value, bytes, i, PTE(leaf | pfn_base(frame_pfn(f)).v));
	}
	return i;
}

PT_INLINE unsigned cached_pages(const struct around *a, void *value, unsigned n, unsigned bytes)
{
	uint64_t leaf = a->vma->leaf[false].v & ~leaf_accessed, frame;
	uint32_t index = object_index(a->vma, a->va);
	unsigned i = 0;

	for (; i < n && fault_cached_frame(a->vma->object, index + i, bytes, &frame); i++)
		pt_put(value, bytes, i, PTE(leaf | frame));
	return i;
}

/* The row is made where the journal keeps it, unless frames are allocated meanwhile: that may write to the journal. */
PT_INLINE void fill(const struct around *a, enum access access, paddr_t pa, unsigned bytes)
{
	unsigned n = empty_entries(phys_to_virt(pa), a->most, bytes);
	uint64_t new[FAULT_AROUND_MAX];
	void *value = access == ACCESS_WRITE ? new : journal_row_space(n * bytes);

	if (access == ACCESS_WRITE)
		n = new_pages(a, value, n, bytes);
	else if (a->vma->fast == VMA_FAST_CACHED)
		n = cached_pages(a, value, n, bytes);
	else
		n = zero_pages(a, value, n, bytes);
	fault_log.counts.around += n;
	if (n > 0)
		table_store_empty(pa, bytes, value, n, "fault-around");
}

void fault_fill_around(struct aspace *as, const struct vma *v, vaddr_t va, enum access access, paddr_t pa)
{
	unsigned bytes = as->space.half[0].mode->format->entry_bytes;
	bool can = v->fast == VMA_FAST_CACHED ? access == ACCESS_READ : v->fast >> access & 1;
	struct around a = {
		.as = as, .vma = v, .va = ALIGN_DOWN(va, (vaddr_t)PAGE_SIZE) + PAGE_SIZE, .counts = counts_at(as, pa),
		.most = most_behind(as, v, va),
	};

	/* A recorder has to see the first use of each page. */
	if (!can || as->recorded == RECORDED_FAULTS)
		return;
	pa = paddr_add(pa, bytes);
	if (bytes == sizeof(uint32_t))
		fill(&a, access, pa, sizeof(uint32_t));
	else
		fill(&a, access, pa, sizeof(uint64_t));
}
