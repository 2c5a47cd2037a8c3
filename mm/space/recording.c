/* mm/space/recording.c - closes and opens resident pages for a recorder.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/recording.h"
#include "arch/mmu.h"
#include "mm/phys/env.h"
#include "mm/phys/table.h"
#include "mm/space/cow.h"
#include "mm/space/entries.h"
#include "mm/space/rmap.h"
#include "paging/bulk.h"

const struct recording_ops *recording;

/* ---- one page ---- */

/* The level-0 leaf of an address in a VMA that user mode may read. */
struct user_leaf { struct vma *vma; struct pt_slot slot; prot_t prot; };

static bool find_leaf(struct aspace *as, uint64_t va, struct user_leaf *l)
{
	const struct pt_mode *mode = as->space.half[0].mode;

	l->vma = vma_find(as, va);
	if (!l->vma || (l->vma->flags & VMA_GUARD) || (l->vma->prot & (PROT_U | PROT_R)) != (PROT_U | PROT_R))
		return false;
	if (pt_lookup(&as->space, va, 0, &l->slot) != OK || l->slot.level > 0 || l->slot.kind != PT_LEAF)
		return false;
	l->prot = mode->format->prot(mode, 0, l->slot.entry);
	return true;
}

static bool set_rights(struct aspace *as, uint64_t va, const struct user_leaf *l, prot_t prot, const char *why)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	pte_t entry;

	if (mode->format->make_leaf(mode, 0, pfn_base(l->slot.page), prot, &entry) != OK || entry.v == l->slot.entry.v)
		return false;
	table_store(l->slot.entry_pa, mode->format->entry_bytes, l->slot.entry, entry, why);
	/* With the old entry in the TLB, the use of a closed page would not fault, and that of an open one would. Only the loaded
	 * space can have entries in the TLB. */
	if (as == current_aspace)
		arch_tlb_flush_page((vaddr_t)va);
	return true;
}

/* False: the first write to the read-only page would copy it, although the PTE permits the write now. */
static bool can_lose_write(const struct user_leaf *l)
{
	return !(l->prot & PROT_W) || cow_decide(l->vma, frame_counted(l->slot.page)) == ACT_REUSE;
}

bool page_close(struct aspace *as, uint64_t va)
{
	struct user_leaf l;

	/* A page is closed in one space. */
	if (!find_leaf(as, va, &l) || (share_is_in_use(as, l.slot.entry_pa) && (share_end(as, va) != OK || !find_leaf(as, va, &l))))
		return false;
	return (l.prot & PROT_U) && can_lose_write(&l) &&
	       set_rights(as, va, &l, l.prot & ~(prot_t)(PROT_U | PROT_W | PROT_X), "record: close");
}

bool page_open(struct aspace *as, uint64_t va)
{
	struct user_leaf l;

	return find_leaf(as, va, &l) && !(l.prot & PROT_U) &&
	       set_rights(as, va, &l, l.prot | (l.vma->prot & (PROT_U | PROT_X)), "record: open");
}

void page_open_for_reads(struct aspace *as, uint64_t va)
{
	struct user_leaf l;

	if (find_leaf(as, va, &l) && (l.prot & PROT_W) && can_lose_write(&l))
		(void)set_rights(as, va, &l, l.prot & ~(prot_t)PROT_W, "record: open");
}

/* ---- many ---- */

static uint64_t each_leaf_of(struct vma *v, uint64_t first, uint64_t last, bool (*fn)(struct aspace *as, uint64_t va))
{
	struct entries_part p = { .next = first > v->first ? first : v->first };
	uint64_t n = 0;

	last = last < v->last ? last : v->last;
	while (entries_part(&v->as->space, last, &p)) {
		const struct pt_mode *mode = v->as->space.half[0].mode;
		unsigned bytes = mode->format->entry_bytes;
		const char *at = entries_at(p.pa);

		for (unsigned i = 0; at && (i = pt_skip_empty(&mm_env, p.pa, bytes, i, p.count)) < p.count; i++)
			if (mode->format->kind(mode, 0, pt_load(at, bytes, i)) == PT_LEAF)
				n += fn(v->as, p.va + (uint64_t)i * PAGE_SIZE);
	}
	return n;
}

uint64_t pages_each_leaf(struct aspace *as, uint64_t first, uint64_t last, bool (*fn)(struct aspace *as, uint64_t va))
{
	uint64_t n = 0;

	list_for_each(l, &as->vmas) {
		struct vma *v = container_of(l, struct vma, link);

		if (!(v->flags & VMA_GUARD) && v->first <= last && v->last >= first)
			n += each_leaf_of(v, first, last, fn);
	}
	return n;
}

uint64_t pages_close(struct aspace *as, uint64_t first, uint64_t last)
{
	return pages_each_leaf(as, first, last, page_close);
}

uint64_t pages_open(struct aspace *as, uint64_t first, uint64_t last)
{
	return pages_each_leaf(as, first, last, page_open);
}
