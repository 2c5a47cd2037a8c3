/* mm/space/entries.c - rows of level-0 entries: the loops of fork, unmap and exit.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/entries.h"
#include "mm/phys/direct.h"
#include "mm/phys/env.h"
#include "mm/space/pageout.h"
#include "mm/space/rmap.h"
#include "paging/bulk.h"

static unsigned entry_bytes(void)
{
	return arch_pt_mode()->format->entry_bytes;
}

void *entries_at(paddr_t pa)
{
	const struct frame *f = frame_at(pfn_of(pa));

	return f && f->state != FRAME_BAD && frame_is_low(pfn_of(pa)) ? phys_to_virt(pa) : NULL;
}

bool entries_part(const struct pt_space *s, uint64_t last, struct entries_part *p)
{
	const struct pt_format *f = s->half[0].mode->format;
	unsigned level;

	do {
		uint64_t reach, end;
		struct pt_slot slot;

		if (p->next > last)
			return false;
		p->va = p->next;
		level = pt_lookup(s, p->va, 0, &slot) == OK ? slot.level : 1;
		p->pa = slot.entry_pa;
		/* A range without a table is skipped as a whole. */
		reach = pt_level_size(f, level ? level : 1);
		end = ALIGN_DOWN(p->va, reach) + (reach - 1);
		p->next = end + 1;
		p->count = (unsigned)(((end < last ? end : last) - p->va) / PAGE_SIZE + 1);
	} while (level > 0);
	return true;
}

/* Of n entries from `entry` on, those up to the last that is not empty. */
static unsigned trim(const void *entry, unsigned bytes, unsigned n)
{
	while (n > 0 && !pt_load(entry, bytes, n - 1).v)
		n--;
	return n;
}

unsigned pte_batch(paddr_t pa, unsigned *i, unsigned count)
{
	unsigned bytes = entry_bytes(), n;

	if (*i >= count)
		return 0;
	*i = pt_skip_empty(&mm_env, pa, bytes, *i, count);
	n = count - *i < PTE_BATCH_MAX ? count - *i : PTE_BATCH_MAX;
	pa = paddr_add(pa, (uint64_t)*i * bytes);
	/* Without a linear range, a row may be empty: it is returned as it is. */
	return n > 0 && pt_in_linear(&mm_env, pa) ? trim(pt_linear(&mm_env, pa), bytes, n) : n;
}

/* Frame numbers are those of pt_format.frames. PT_NO_FRAME, the last there is, has no record. */
PT_INLINE struct frame *record_of(uint32_t number)
{
	uint32_t i = number - (uint32_t)frame_db.first;

	return i < frame_db.count ? &frame_db.record[i] : NULL;
}

/* An entry without a frame record: empty, of a device, or a software entry. `change`: what page-out counts for the last. */
static void count_soft(struct aspace *as, struct page_counts *counts, const void *at, unsigned i,
                       void (*change)(struct aspace *as, struct page_counts *counts, pte_t entry))
{
	pte_t entry = pt_load(at, entry_bytes(), i);

	if (entry.v && pageout_names_page(as->space.half[0].mode, entry))
		change(as, counts, entry);
}

void entries_hold(struct aspace *as, struct page_counts *counts, const void *at, const uint32_t *frame, unsigned count)
{
	uint32_t objects = 0, held = 0;

	for (unsigned i = 0; i < count; i++) {
		struct frame *f = record_of(frame[i]);

		if (!f) {
			if (pageout)
				count_soft(as, counts, at, i, pageout->copied);
			continue;
		}
		/* Device memory is not counted; a free frame was mapped by hand. */
		if (!f->refs)
			continue;
		ASSERT(f->refs != UINT32_MAX);
		f->refs++;
		f->maps++;
		held++;
		objects += frame_is_object(f);
	}
	counts->committed += held - objects;
}

/* An entry that is not in the map count of its frame. */
static __attribute__((cold)) void drop_uncounted(struct aspace *as, uint64_t va, const void *at, unsigned i, uint32_t number)
{
	rmap_complain(as, va + (uint64_t)i * PAGE_SIZE, pt_load(at, entry_bytes(), i), PFN(number));
}

void entries_drop(struct aspace *as, struct page_counts *counts, uint64_t va, const void *at, unsigned count, struct tlb_batch *b)
{
	uint32_t frame[PTE_BATCH_MAX], objects = 0, dropped = 0;

	as->space.half[0].mode->format->frames(as->space.half[0].mode, at, count, va, frame);
	for (unsigned i = 0; i < count; i++) {
		struct frame *f = record_of(frame[i]);

		if (!f) {
			if (pageout)
				count_soft(as, counts, at, i, pageout->dropped);
			continue;
		}
		if (!f->refs || !f->maps) {
			drop_uncounted(as, va, at, i, frame[i]);
			continue;
		}
		dropped++;
		objects += frame_is_object(f);
		f->maps--;
		if (f->refs > 1)
			pageout_drop(f);
		else if (b)
			tlb_put(b, f);
		else
			frame_put(PFN(frame[i]));
	}
	counts->committed -= dropped - objects;
}
