/* mm/space/tlb.c - TLB batches: flushes first, then frees the frames.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/tlb.h"
#include "arch/mmu.h"
#include "lib/assert.h"
#include "mm/phys/task.h"

/* True if TLB entries of `as` can exist. Loading another root has flushed those of other user halves. All roots share the kernel
 * half. */
static bool is_in_use(const struct aspace *as)
{
	return as == current_aspace || as == &kernel_aspace;
}

void tlb_begin(struct tlb_batch *b, struct aspace *as)
{
	ASSERT(!mm_task->batch);
	mm_task->batch = b;
	b->as = as;
	b->pages = 0;
	b->root = false;
	/* No TLB has entries of this space: `all` saves the list of pages, and tlb_finish() flushes nothing. */
	b->all = !is_in_use(as);
	b->frame_head = FRAME_NIL;
}

void tlb_pages(struct tlb_batch *b, uint64_t va, unsigned count)
{
	/* More pages than the batch has room for: flush everything. */
	if (count > TLB_BATCH - b->pages)
		b->all = true;
	for (; !b->all && count > 0; count--, va += PAGE_SIZE)
		b->page[b->pages++] = va;
}

void tlb_change(void *ctx, uint64_t va, unsigned level, pte_t old, pte_t new)
{
	struct tlb_batch *b = ctx;
	const struct pt_mode *mode = b->as->space.half[0].mode;

	(void)new;
	if (b->all && level == 0)
		return;
	/* Neither a TLB nor a table walker's cache holds an entry that was not present. */
	if (mode->format->kind(mode, level, old) < PT_TABLE)
		return;
	if (level + 1u == mode->levels && (mode->format->caps & PT_RELOAD_ROOT))
		b->root = true;
	if (level > 1)
		b->all = true;      /* the table translates more pages than a batch can record */
	else
		tlb_pages(b, va, 1);
	/* The self-map translates an address to the table of this entry: flush that address as well. */
	if (level == 1 && arch_selfmap_base())
		tlb_pages(b, pt_selfmap_entry(mode, arch_selfmap_base(), va, 0), 1);
}

static void flush(const struct tlb_batch *b)
{
	if (!is_in_use(b->as))
		return;
	if (b->root)
		arch_mmu_load_root(current_aspace->space.half[0].root);
	if (b->all)
		arch_tlb_flush_all();
	else
		for (unsigned i = 0; i < b->pages; i++)
			arch_tlb_flush_page(b->page[i]);
}

void tlb_finish(struct tlb_batch *b)
{
	ASSERT(mm_task->batch == b);
	mm_task->batch = NULL;
	flush(b);
	while (b->frame_head != FRAME_NIL) {
		struct frame *f = &frame_db.record[b->frame_head];

		b->frame_head = f->next;
		f->next = FRAME_NIL;
		frame_put(frame_pfn(f));
	}
}

bool tlb_is_open(void)
{
	return mm_task->batch;
}

void tlb_reset(void)
{
	if (!mm_task->batch)
		return;
	/* The batch's frames stay allocated, because an entry may still point to them; fsck reports them. */
	mm_task->batch = NULL;
	arch_tlb_flush_all();
}
