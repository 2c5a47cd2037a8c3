/* mm/reclaim/evict.c - unmaps pages: their entries become transition entries.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "mm/backing/file.h"
#include "mm/phys/table.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/slots.h"
#include "mm/space/entries.h"
#include "mm/space/object.h"
#include "mm/space/vma.h"

struct reclaim_counts reclaim_counts;

struct counting { uint32_t maps; bool pinned, locked; };

static void count_entry(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	struct counting *c = ctx;
	const struct vma *v = vma_find(as, va);

	c->maps += slot->kind == PT_LEAF;
	c->pinned |= !v;
	c->locked |= v && v->flags & VMA_LOCKED;
}

/* OK: every PTE of the frame is known, so that all of them can change. ERR_BUSY: not so. ERR_ACCESS: one is locked. */
static err_t can_unmap(const struct frame *f)
{
	struct counting c = { .maps = 0 };

	page_each_entry(f, count_entry, &c);
	if (c.locked)
		return ERR_ACCESS;
	return c.maps == f->maps && !c.pinned ? OK : ERR_BUSY;
}

static void to_transition(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	struct frame *f = ctx;
	const struct vma *v = vma_find(as, va);
	struct pt_soft soft = { .kind = SOFT_TRANSITION, .pfn = frame_pfn(f), .protect = pageout_protect(v->prot) };
	pte_t entry;

	if (slot->kind != PT_LEAF || pt_soft_encode(mode, &soft, &entry) != OK)
		return;
	table_store(slot->entry_pa, mode->format->entry_bytes, slot->entry, entry, "trim");
	page_flush(as, va);
	rmap_uncount(as, slot->entry_pa, f);
	f->transitions++;
	counts_at(as, slot->entry_pa)->softs++;
}

/* The PTE's reference goes: the prototype entry has its own. */
static void to_prototype(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	struct frame *f = ctx;

	table_store(slot->entry_pa, as->space.half[0].mode->format->entry_bytes, slot->entry,
	            object_soft_pte(vma_find(as, va), va), "trim");
	page_flush(as, va);
	rmap_uncount(as, slot->entry_pa, f);
	f->refs--;
	as->has_prototypes = true;
}

/* Unmaps a frame everywhere. */
static err_t unmap_frame(struct frame *f)
{
	err_t err = page_is_ours(f) ? can_unmap(f) : ERR_BUSY;

	if (page_is_filed(f) && f->stale)
		return ERR_INVALID;
	if (err != OK)
		return err;
	page_each_entry(f, frame_is_object(f) ? to_prototype : to_transition, f);
	if (f->maps)
		return ERR_BUSY;
	frame_get(frame_pfn(f));
	page_settle(f);
	reclaim_counts.trimmed++;
	return OK;
}

/* Unmaps the zero frame at this address. */
static err_t unmap_zero(struct aspace *as, uint64_t va, const struct pt_slot *slot, struct frame *f)
{
	table_store(slot->entry_pa, as->space.half[0].mode->format->entry_bytes, slot->entry, PTE(0), "trim");
	page_flush(as, va);
	if (rmap_drop(as, slot->entry_pa, va, slot->entry, f))
		frame_put(frame_pfn(f));
	reclaim_counts.trimmed++;
	return OK;
}

static err_t unmap_page(struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	struct frame *f = frame_counted(slot->page);
	const struct vma *v = vma_find(as, va);

	if (f && f->busy)
		return ERR_BUSY;
	if (!f || !v || v->backing == &backing_phys || f->state != FRAME_ACTIVE)
		return ERR_INVALID;
	if (v->flags & VMA_LOCKED)
		return ERR_ACCESS;
	if (f->owner == OWNER_ZERO)
		return unmap_zero(as, va, slot, f);
	return f->owner ? unmap_frame(f) : ERR_INVALID;
}

/* Starts to write modified pages before their turn, the oldest first. */
static err_t write_now(void)
{
	if (write_modified())
		return OK;
	return page_io_pending() ? ERR_BUSY : ERR_NO_MEMORY;
}

static err_t next_step(struct frame *f)
{
	if (f->busy)
		return ERR_BUSY;
	if (!f->listed)
		return unmap_frame(f);
	if (f->state == FRAME_MODIFIED)
		return write_now();
	if (!page_release(f))
		return ERR_BUSY;
	reclaim_counts.released++;
	return OK;
}

/* Replaces a prototype software entry by the prototype entry: its frame has to be on its way out. */
static err_t look_through(struct aspace *as, uint64_t va, struct pt_soft *soft)
{
	const struct vma *v = vma_find(as, va);
	const struct pt_mode *mode = as->space.half[0].mode;
	pte_t entry;

	if (!object_is_named(v, va, soft))
		return ERR_NOT_FOUND;
	entry = object_entry(v->object, object_index(v, va));
	pt_soft_decode(mode, entry, soft);
	/* Mapped elsewhere, and not here. */
	if (mode->format->page(mode, entry, 0, &soft->pfn))
		soft->kind = SOFT_TRANSITION;
	if (soft->kind == SOFT_PAGEFILE || (soft->kind != SOFT_TRANSITION && v->object->filed))
		return ERR_EXISTS;
	return OK;
}

err_t evict_page(struct aspace *as, uint64_t va)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	struct pt_slot slot;
	struct pt_soft soft;
	err_t err;

	(void)page_io_finish();
	if (va >= USER_END || pt_lookup(&as->space, va, 0, &slot) != OK || slot.level > 0)
		return ERR_NOT_FOUND;
	if (slot.kind == PT_LEAF)
		return unmap_page(as, va, &slot);
	if (slot.kind != PT_SOFT)
		return ERR_NOT_FOUND;
	pt_soft_decode(mode, slot.entry, &soft);
	err = soft.kind == SOFT_PROTOTYPE ? look_through(as, va, &soft) : OK;
	if (err != OK)
		return err;
	if (soft.kind == SOFT_PAGEFILE)
		return ERR_EXISTS;
	if (soft.kind != SOFT_TRANSITION || !frame_at(soft.pfn) || !frame_at(soft.pfn)->transitions)
		return ERR_NOT_FOUND;
	return next_step(frame_at(soft.pfn));
}
