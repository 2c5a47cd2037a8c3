/* mm/reclaim/pagein.c - faults on software entries: a page comes back from a list or from a page file.
 * SPDX-License-Identifier: MIT
 *
 * A read brings slots into memory as standby frames; the fault then starts again and finds the frame through its slot. So
 * nothing that was looked up before the sleep is used after it, and pages read ahead need no path of their own.
 */
#include "arch/mmu.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/readahead.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/room.h"
#include "mm/reclaim/slots.h"
#include "mm/space/object.h"
#include "mm/wait.h"

static enum fault_result fail(struct vm_fault *f, enum fault_result result)
{
	f->action = ACT_NONE;
	reclaim_counts.failed += result == FAULT_IO_ERROR;
	return f->result = result;
}

/* A killed process ends before it returns to user mode, so its fault needs no page any more. */
static enum fault_result wait(struct vm_fault *f)
{
	return fail(f, page_io_wait(f->may_sleep) || !page_io_pending() ? FAULT_RETRY : FAULT_FIXED);
}

/* Maps a frame of which the caller holds a reference for the PTE. Writable only if no other entry, list or transfer refers to the
 * frame; its slot is old then. */
static enum fault_result attach(struct vm_fault *f, struct frame *page, enum fault_action action)
{
	bool writable = f->fault.access == ACCESS_WRITE && page->refs == 1;
	enum fault_result result = fault_map_frame(f, page, writable, action);

	if (result != FAULT_FIXED)
		return result;
	counts_at(f->as, f->found.entry_pa)->softs--;
	if (!page->busy)
		frame_set_state(frame_pfn(page), FRAME_ACTIVE);
	if (frame_slot(page))
		readahead_used(f->as, slot_at(frame_slot(page)));
	if (writable)
		page_forget_slot(page);
	return result;
}

static enum fault_result from_transition(struct vm_fault *f, struct frame *page)
{
	enum fault_result result;

	if (!page || !page->transitions || frame_is_object(page))
		return fail(f, FAULT_CORRUPT);
	if (page->listed) {
		page_unlist(page);
		page->refs--;
	}
	/* The entry's reference becomes the PTE's. */
	page->transitions--;
	result = attach(f, page, ACT_TRANSITION);
	if (result == FAULT_FIXED) {
		reclaim_counts.soft++;
		return result;
	}
	page->transitions++;
	if (!page->busy && !page->maps) {
		frame_get(frame_pfn(page));
		page_settle(page);
	}
	return result;
}

/* The slot's page is in memory. */
static enum fault_result from_frame(struct vm_fault *f, uint32_t id, struct frame *page)
{
	enum fault_result result;

	if (page->listed)
		page_unlist(page);
	else
		frame_get(frame_pfn(page));
	result = attach(f, page, ACT_SWAP_IN);
	if (result == FAULT_FIXED) {
		page_put_slot(id);
		return result;
	}
	if (page->busy || page->maps)
		(void)frame_put(frame_pfn(page));
	else
		page_settle(page);
	return result;
}

/* Adds slot `id` to the request if its page has to be read. */
static err_t add_slot(struct page_io *p, uint32_t id)
{
	struct slot *s = slot_at(id);
	pfn_t pfn;
	err_t err = s && s->refs && !s->frame ? frame_alloc(FRAME_ANY, FRAME_TRANSITION, &pfn) : ERR_NOT_FOUND;

	if (err != OK)
		return err;
	page_name_slot(frame_at(pfn), id);
	frame_at(pfn)->busy = frame_at(pfn)->reading = true;
	p->frame[p->io.count++] = pfn;
	return OK;
}

/* Slots in use that hold pages; a suspect one is read alone, so that an error names it. */
static bool may_read_ahead(uint32_t id)
{
	const struct slot *s = slot_at(id);

	return s && !s->suspect && !s->borrowed;
}

/* Adds the slots behind the wanted one, as far as pages are there and frames are free. */
static void add_ahead(struct page_io *p, unsigned window)
{
	while (p->io.count < window && may_read_ahead(p->slot + p->io.count) && add_slot(p, p->slot + p->io.count) == OK)
		readahead_note(slot_at(p->slot + p->io.count - 1));
}

/* Reads the slot and those behind it. */
static enum fault_result read_in(struct vm_fault *f, uint32_t id)
{
	struct page_io *p;
	err_t err;

	if (room_is_crowded(f))
		return fail(f, FAULT_NO_MEMORY);
	p = page_io_get();
	if (!p)
		return wait(f);
	p->slot = id;
	p->io.count = 0;
	err = add_slot(p, id);
	if (err != OK) {
		page_io_put(p);
		return fail(f, FAULT_NO_MEMORY);
	}
	if (!slot_at(id)->suspect)
		add_ahead(p, readahead_window(f->as, id));
	reclaim_counts.hard++;
	page_io_start(p, false);
	return wait(f);
}

/* The frame with the slot's page. NULL: it has to be read, or is being read. */
static struct frame *frame_of_slot(const struct slot *s)
{
	struct frame *f = s->frame ? &frame_db.record[s->frame - 1] : NULL;

	return f && !f->reading ? f : NULL;
}

static enum fault_result read_slot(struct vm_fault *f, uint32_t id)
{
	struct slot *s = slot_at(id);

	if (s->read_failed) {
		s->read_failed = false;
		return fail(f, FAULT_IO_ERROR);
	}
	return s->frame ? wait(f) : read_in(f, id);
}

static enum fault_result from_slot(struct vm_fault *f, uint32_t id)
{
	struct frame *page = id ? frame_of_slot(slot_at(id)) : NULL;

	if (!id)
		return fail(f, FAULT_CORRUPT);
	return page ? from_frame(f, id, page) : read_slot(f, id);
}

static enum fault_result soft_fault(struct vm_fault *f)
{
	struct pt_soft soft;

	(void)page_io_finish();
	pt_soft_decode(f->as->space.half[0].mode, f->found.entry, &soft);
	if (soft.kind == SOFT_TRANSITION)
		return from_transition(f, frame_at(soft.pfn));
	return from_slot(f, slot_of_entry(&soft));
}

/* ---- pages of objects: the prototype entry becomes a leaf ---- */

/* The list's reference is dropped: the prototype entry has its own. */
static void take_off_list(struct frame *page)
{
	if (!page->listed)
		return;
	page_unlist(page);
	page->refs--;
}

/* From the prototype entry's slot to a frame with the slot's page. */
static void leave_slot(struct object *o, uint32_t index, uint32_t id, struct aspace *as, struct frame *page)
{
	frame_get(frame_pfn(page));
	take_off_list(page);
	page->owner = owner_object(o, index);
	page->transitions = 1;
	o->frames++;
	o->slots--;
	readahead_used(as, slot_at(id));
	page_put_slot(id);
}

static err_t object_page(struct object *o, uint32_t index, const struct pt_soft *soft, struct aspace *as, struct filling *out)
{
	bool transition = soft->kind == SOFT_TRANSITION;
	uint32_t id = slot_of_entry(soft);
	struct frame *page;

	(void)page_io_finish();
	/* An entry that was written by hand can name a slot for a page of a file: `as` is NULL then. */
	page = transition ? frame_at(soft->pfn) : id ? frame_of_slot(slot_at(id)) : NULL;
	if (transition ? !page || page->owner != owner_object(o, index) : !id || !as)
		return ERR_CORRUPT;
	if (!page)
		return ERR_BUSY;
	if (transition)
		take_off_list(page);
	else
		leave_slot(o, index, id, as, page);
	object_set_frame(o, index, page, true);
	frame_get(frame_pfn(page));
	out->pfn = frame_pfn(page);
	out->action = transition ? ACT_TRANSITION : ACT_SWAP_IN;
	reclaim_counts.soft += transition;
	return OK;
}

static enum fault_result read_object(struct vm_fault *f)
{
	struct object *o = f->vma->object;
	struct pt_soft soft;

	pt_soft_decode(arch_pt_mode(), object_entry(o, object_index(f->vma, f->fault.va)), &soft);
	return slot_of_entry(&soft) ? read_slot(f, slot_of_entry(&soft)) : fail(f, FAULT_CORRUPT);
}

/* ---- the other operations of pageout_ops ---- */

static void copied(struct aspace *as, struct page_counts *counts, pte_t entry)
{
	struct pt_soft soft;
	struct frame *page;

	pt_soft_decode(as->space.half[0].mode, entry, &soft);
	page = soft.kind == SOFT_TRANSITION ? frame_at(soft.pfn) : NULL;
	if (page && page->transitions && !frame_is_object(page)) {
		ASSERT(page->transitions < UINT8_MAX);
		page->transitions++;
		page->refs++;
		counts->softs++;
	} else if (slot_of_entry(&soft)) {
		slot_get(slot_of_entry(&soft));
		counts->softs++;
	}
}

static void drop_transition(struct frame *page)
{
	page->transitions--;
	page->refs--;
	if (page->listed && !page->transitions) {
		page_unlist(page);
		page_settle(page);
	}
}

static void dropped(struct aspace *as, struct page_counts *counts, pte_t entry)
{
	struct pt_soft soft;
	struct frame *page;

	pt_soft_decode(as->space.half[0].mode, entry, &soft);
	page = soft.kind == SOFT_TRANSITION ? frame_at(soft.pfn) : NULL;
	if (page && page->transitions && !frame_is_object(page)) {
		counts->softs--;
		drop_transition(page);
	} else if (slot_of_entry(&soft)) {
		counts->softs--;
		page_put_slot(slot_of_entry(&soft));
	}
}

static void object_forgets(const struct pt_soft *soft)
{
	if (soft->kind == SOFT_TRANSITION)
		drop_transition(frame_at(soft->pfn));
	else if (slot_of_entry(soft))
		page_put_slot(slot_of_entry(soft));
}

/* A slot that is being written stays the frame's until then, so that nothing else is read into or written to it. */
static void written(struct frame *f)
{
	if (f->busy)
		f->stale = true;
	else
		page_forget_slot(f);
}

/* A transfer in flight settles the frame when it ends. */
static void unmapped(struct frame *f)
{
	if (f->busy || f->listed)
		return;
	frame_get(frame_pfn(f));
	page_settle(f);
}

static const struct pageout_ops ops = {
	.fault = soft_fault, .make_room = room_for_fault, .waited = mm_wait_over, .copied = copied, .dropped = dropped,
	.unmapped = unmapped, .written = written, .read = read_object, .object_page = object_page,
	.object_forgets = object_forgets,
};

void reclaim_init(void)
{
	uint32_t frames = frame_available();

	watermarks = (struct watermarks){ .min = WATERMARK_MIN, .low = 128 + frames / 64, .high = 256 + frames / 32 };
	frame_slot_release = page_forget_slot;
	pageout = &ops;
}
