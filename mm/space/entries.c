/* mm/space/entries.c - rows of level-0 entries: the loops of fork, unmap and exit.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/entries.h"
#include "mm/phys/direct.h"
#include "mm/phys/env.h"
#include "mm/phys/table.h"
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

/* ---- a whole table ---- */

/* The copy of a table in progress. Most entries of a table differ from the one before in the frame number alone. Such entries are
 * of one kind and lose the same bits with W, so the format is asked once, for the first of them. */
struct copying {
	struct aspace *as;
	struct page_counts *counts;
	uint64_t va;            /* that the first entry translates */
	const char *from;
	uint64_t bits, change;  /* of the last page: its entry without the frame number, and the bits that the copy has changed */
	uint32_t limit;         /* number of frame records; 0: there is no last page */
};

static pte_t copy_page(struct copying *c, pte_t entry, pfn_t pfn)
{
	const struct pt_mode *mode = c->as->space.half[0].mode;
	pte_t copy = mode->format->write_protect(mode, 0, entry);
	struct frame *f = frame_at(pfn);

	if (!f || !f->refs)
		return copy;
	ASSERT(f->refs != UINT32_MAX);
	f->refs++;
	f->maps++;
	c->counts->committed += !frame_is_object(f);
	c->bits = entry.v ^ pfn_base(pfn).v;
	c->change = entry.v ^ copy.v;
	c->limit = mode->format->caps & PT_FRAME_IN_PLACE ? frame_db.count : 0;
	return copy;
}

/* Any entry: counts it, and returns that of the copy. */
static __attribute__((noinline)) pte_t copy_any(struct copying *c, unsigned i)
{
	const struct pt_mode *mode = c->as->space.half[0].mode;
	pte_t entry = pt_load(c->from, entry_bytes(), i);
	pfn_t pfn;

	if (!entry.v)
		return entry;
	if (mode->format->page(mode, entry, c->va + (uint64_t)i * PAGE_SIZE, &pfn))
		return copy_page(c, entry, pfn);
	if (pageout)
		count_soft(c->as, c->counts, c->from, i, pageout->copied);
	return entry;
}

PT_INLINE void put_words(void *entries, unsigned bytes, unsigned i, uintptr_t low, uint32_t high)
{
	if (bytes <= sizeof(low)) {
		pt_put(entries, bytes, i, PTE(low));
		return;
	}
	pt_put(entries, sizeof(low), 2 * i, PTE(low));
	pt_put(entries, sizeof(low), 2 * i + 1, PTE(high));
}

/* Copies the entries from number i on that are like the last page, to the table and to the journal's place for them, `row`. Returns
 * the number of the first that is not. If bits besides the frame number differ, the rotation moves them above it: no index is so
 * large. What a machine word has no room for is compared by itself. */
PT_INLINE unsigned copy_alike(struct copying *c, char *table, char *row, unsigned i, unsigned count, unsigned bytes)
{
	const uint32_t high = (uint32_t)(c->bits >> 32), high_copy = (uint32_t)((c->bits ^ c->change) >> 32);
	const uintptr_t bits = (uintptr_t)c->bits, change = (uintptr_t)c->change;
	const uintptr_t limit = c->limit, first = (uintptr_t)frame_db.first;
	const char *const from = c->from;
	struct frame *const record = frame_db.record;
	uint32_t objects = 0, begin = i;

	for (; i < count; i++) {
		uintptr_t low = (uintptr_t)pt_load(from, bytes, i).v, number = low ^ bits;
		struct frame *f;
		uint32_t refs;

		if (bytes > sizeof(low) && (uint32_t)(pt_load(from, bytes, i).v >> 32) != high)
			break;
		number = (number >> PAGE_SHIFT | number << (8 * sizeof(number) - PAGE_SHIFT)) - first;
		if (number >= limit)
			break;
		f = &record[number];
		refs = f->refs + 1;
		if (refs < 2)
			break;
		f->refs = refs;
		f->maps++;
		objects += frame_is_object(f);
		put_words(table, bytes, i, low ^ change, high_copy);
		put_words(row, bytes, i, low ^ change, high_copy);
	}
	c->counts->committed += i - begin - objects;
	return i;
}

PT_INLINE void copy_all(struct copying *c, char *table, char *row, unsigned count, unsigned bytes)
{
	for (unsigned i = 0; (i = copy_alike(c, table, row, i, count, bytes)) < count; i++) {
		pte_t copy = copy_any(c, i);

		pt_put(table, bytes, i, copy);
		pt_put(row, bytes, i, copy);
	}
}

void entries_copy(struct aspace *as, struct page_counts *counts, uint64_t va, const void *from, paddr_t to, const char *why)
{
	unsigned bytes = entry_bytes(), count = pt_level_entries(as->space.half[0].mode->format, 0);
	struct copying c = { .as = as, .counts = counts, .va = va, .from = from };
	void *row = journal_row_space(count * bytes);

	if (bytes == sizeof(uint32_t))
		copy_all(&c, phys_to_virt(to), row, count, sizeof(uint32_t));
	else
		copy_all(&c, phys_to_virt(to), row, count, sizeof(uint64_t));
	journal_add_row(to, bytes, NULL, row, count, why);
}
