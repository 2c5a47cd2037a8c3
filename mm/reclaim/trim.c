/* mm/reclaim/trim.c - chooses pages to evict: a clock over the pages of each address space, by their accessed bits.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "mm/phys/table.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/space/entries.h"
#include "mm/space/vma.h"

struct watermarks watermarks = { .min = WATERMARK_MIN };

uint32_t reclaim_frames(void)
{
	const struct frame_stats *s = frame_stats();
	uint32_t n = 0;

	for (unsigned state = 0; state < FRAME_STATES; state++)
		n += state == FRAME_TABLE || state == FRAME_KERNEL || state == FRAME_BAD ? 0 : s->state[state];
	return n;
}

err_t watermarks_set(const struct watermarks *w)
{
	if (w->min < WATERMARK_LEAST || w->high > reclaim_frames() / 2)
		return ERR_RANGE;
	if (w->min >= w->low || w->low >= w->high)
		return ERR_INVALID;
	watermarks = *w;
	return OK;
}

/* Clears the accessed bit. False: it was clear. Without hardware support the next use faults and sets it. */
static bool was_used(struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	prot_t prot = mode->format->prot(mode, 0, slot->entry);
	pte_t entry;

	if (!(prot & PROT_ACCESSED) ||
	    mode->format->make_leaf(mode, 0, pfn_base(slot->page), prot & ~(prot_t)PROT_ACCESSED, &entry) != OK)
		return false;
	table_store(slot->entry_pa, mode->format->entry_bytes, slot->entry, entry, "clear accessed");
	/* An entry in the TLB would let the CPU use the page without setting the bit. */
	if (as == current_aspace)
		arch_tlb_flush_page((vaddr_t)va);
	return true;
}

static bool trim_page(struct aspace *as, uint64_t va)
{
	struct pt_slot slot;

	if (pt_lookup(&as->space, va, 0, &slot) != OK || slot.level > 0 || slot.kind != PT_LEAF || was_used(as, va, &slot))
		return false;
	return evict_page(as, va) == OK;
}

/* From as->hand to the end of the VMA. */
static unsigned trim_vma(struct vma *v, unsigned n)
{
	struct entries_part p = { .next = v->as->hand > v->first ? v->as->hand : v->first };
	unsigned done = 0;

	while (done < n && entries_part(&v->as->space, v->last, &p)) {
		for (unsigned i = 0; done < n && i < p.count; i++) {
			v->as->hand = p.va + (uint64_t)(i + 1) * PAGE_SIZE;
			done += trim_page(v->as, p.va + (uint64_t)i * PAGE_SIZE);
		}
	}
	return done;
}

unsigned trim_space(struct aspace *as, unsigned n)
{
	unsigned done = 0;

	/* Its pages stay; a clear accessed bit of one would be set by a fault at any IRQL. */
	if (as == &kernel_aspace)
		return 0;
	list_for_each(l, &as->vmas) {
		struct vma *v = container_of(l, struct vma, link);

		if (v->last < as->hand || (v->flags & (VMA_GUARD | VMA_LOCKED)))
			continue;
		done += trim_vma(v, n - done);
		if (done == n)
			return done;
	}
	as->hand = 0;
	return done;
}

/* The space whose turn it is goes to the end of the list's order through this number. */
static uint32_t last_trimmed;

static struct aspace *next_space(void)
{
	struct aspace *first = NULL, *next = NULL;

	list_for_each(l, &aspaces) {
		struct aspace *as = container_of(l, struct aspace, link);

		if (as == &kernel_aspace || !as->tables[0])
			continue;
		if (!first || as->id < first->id)
			first = as;
		if (as->id > last_trimmed && (!next || as->id < next->id))
			next = as;
	}
	next = next ? next : first;
	if (next)
		last_trimmed = next->id;
	return next;
}

unsigned trim_some(unsigned n)
{
	unsigned done = sweep_objects(n), idle = 0, spaces = 0;

	list_for_each(l, &aspaces)
		spaces++;
	/* Two rounds without a page: the first cleared the accessed bits. */
	while (done < n && idle < 2 * spaces) {
		struct aspace *as = next_space();
		unsigned got = as ? trim_space(as, n - done) : 0;

		done += got;
		idle = got ? 0 : idle + 1;
	}
	return done;
}

bool trimmer_is_wanted(void)
{
	static bool below;      /* low was reached, and high was not since */
	uint32_t ready = frame_available() + standby_pages.count;

	below = mm_store && ready < (below ? watermarks.high : watermarks.low);
	return below;
}

bool trimmer_round(void)
{
	const struct frame_stats *s = frame_stats();
	uint32_t ready, done = 0;

	(void)page_io_finish();
	/* Modified pages, and those that are being written, become standby pages soon. */
	ready = frame_available() + standby_pages.count + s->state[FRAME_MODIFIED] + s->state[FRAME_TRANSITION];
	if (trimmer_is_wanted() && ready < watermarks.high)
		done = trim_some(watermarks.high - ready);
	done += write_modified();
	/* Nothing left to do: the next tick tries again. */
	return done > 0;
}
