/* mm/entries.c - rows of level-0 entries: the loops behind fork, unmap and exit.
 * SPDX-License-Identifier: MIT
 */
#include "mm/entries.h"
#include "arch/mmu.h"
#include "mm/direct.h"
#include "mm/mm.h"
#include "mm/pt/bulk.h"
#include "mm/rmap.h"

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
	const struct pt_format *f = s->mode->format;
	unsigned level;

	do {
		uint64_t reach, end;
		pte_t entry;

		if (p->next > last)
			return false;
		p->va = p->next;
		level = 0;
		if (pt_slot(s, p->va, &level, &p->pa, &entry) != OK)
			level = 1;
		/* What has no table is skipped as a whole. */
		reach = pt_level_size(f, level ? level : 1);
		end = ALIGN_DOWN(p->va, reach) + (reach - 1);
		p->next = end + 1;
		p->count = (unsigned)(((end < last ? end : last) - p->va) / PAGE_SIZE + 1);
	} while (level > 0);
	return true;
}

unsigned entries_row(paddr_t pa, unsigned *i, unsigned count)
{
	if (*i >= count)
		return 0;
	*i = pt_skip_empty(&mm_env, pa, entry_bytes(), *i, count);
	return count - *i < ENTRIES_MOST ? count - *i : ENTRIES_MOST;
}

PT_INLINE void note_changes(paddr_t pa, const void *at, const void *new, unsigned count, unsigned bytes,
                                const char *why)
{
	for (unsigned i = 0; i < count; i++, pa.v += bytes) {
		pte_t old = pt_load(at, bytes, i), to = new ? pt_load(new, bytes, i) : PTE(0);

		if (old.v != to.v)
			journal_add(pa, bytes, old, to, why);
	}
}

void entries_store(paddr_t pa, void *at, const void *new, unsigned count, const char *why)
{
	unsigned bytes = entry_bytes();

	/* Twice the same loop, once for each size of entry. */
	if (bytes == 4)
		note_changes(pa, at, new, count, 4, why);
	else
		note_changes(pa, at, new, count, 8, why);
	arch_entries_store(at, bytes, new, count);
}

/* Frame numbers are those of pt_format.frames. PT_NO_FRAME, the last there is, has no record. */
PT_INLINE struct frame *record_of(uint32_t number)
{
	uint32_t i = number - (uint32_t)frame_db.first;

	return i < frame_db.count ? &frame_db.record[i] : NULL;
}

void entries_hold(struct aspace *as, const uint32_t *frame, unsigned count)
{
	uint32_t objects = 0, held = 0;

	for (unsigned i = 0; i < count; i++) {
		struct frame *f = record_of(frame[i]);

		/* Devices have no record or one that nobody counts in, and a free frame was mapped by hand. */
		if (!f || !f->refs)
			continue;
		ASSERT(f->refs != UINT32_MAX);
		f->refs++;
		f->maps++;
		held++;
		objects += frame_is_object(f);
	}
	as->committed += held - objects;
}

/* An entry whose frame nobody has counted. */
static __attribute__((cold)) void drop_uncounted(struct aspace *as, uint64_t va, const void *at, unsigned i, uint32_t number)
{
	rmap_complain(as, va + (uint64_t)i * PAGE_SIZE, pt_load(at, entry_bytes(), i), PFN(number));
}

void entries_drop(struct aspace *as, uint64_t va, const void *at, unsigned count, struct tlb_batch *b)
{
	uint32_t frame[ENTRIES_MOST], objects = 0, dropped = 0;

	as->space.mode->format->frames(as->space.mode, at, count, va, frame);
	for (unsigned i = 0; i < count; i++) {
		struct frame *f = record_of(frame[i]);

		if (!f)
			continue;
		if (!f->refs || !f->maps) {
			drop_uncounted(as, va, at, i, frame[i]);
			continue;
		}
		dropped++;
		objects += frame_is_object(f);
		f->maps--;
		if (f->refs > 1)
			f->refs--;
		else if (b)
			tlb_put(b, f);
		else
			frame_put(PFN(frame[i]));
	}
	as->committed -= dropped - objects;
}
