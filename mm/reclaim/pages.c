/* mm/reclaim/pages.c - the states of frames that no PTE maps.
 * SPDX-License-Identifier: MIT
 */
#include "mm/reclaim/pages.h"
#include "mm/phys/table.h"
#include "mm/reclaim/readahead.h"
#include "mm/reclaim/slots.h"
#include "mm/space/rmap.h"
#include "mm/space/share.h"

#define EMPTY { .head = FRAME_NIL, .tail = FRAME_NIL }
struct page_list modified_pages = EMPTY, standby_pages = EMPTY;

static struct page_list *list_of(const struct frame *f)
{
	return f->state == FRAME_MODIFIED ? &modified_pages : &standby_pages;
}

struct frame *page_oldest(const struct page_list *list)
{
	return list->tail == FRAME_NIL ? NULL : &frame_db.record[list->tail];
}

/* The caller's reference passes to the list. */
static void enlist(struct frame *f, enum frame_state state)
{
	struct object *o = object_of(f);
	struct page_list *list;

	if (o && f->transitions)
		object_set_frame(o, owner_index(f), f, false);
	frame_set_state(frame_pfn(f), state);
	list = list_of(f);
	frame_link(&list->head, frame_index(f));
	if (list->tail == FRAME_NIL)
		list->tail = frame_index(f);
	list->count++;
	f->listed = true;
}

void page_unlist(struct frame *f)
{
	struct page_list *list = list_of(f);

	ASSERT(f->listed);
	if (list->tail == frame_index(f))
		list->tail = f->prev;
	frame_unlink(&list->head, frame_index(f));
	list->count--;
	f->listed = false;
	frame_set_state(frame_pfn(f), FRAME_ACTIVE);
}

void page_name_slot(struct frame *f, uint32_t id)
{
	slot_get(id);
	slot_at(id)->frame = frame_index(f) + 1;
	f->slot = id;
	f->slotted = true;
	f->stale = false;
}

void page_forget_slot(struct frame *f)
{
	uint32_t id = frame_slot(f);

	f->slot = 0;
	f->slotted = false;
	if (!id)
		return;
	slot_at(id)->frame = 0;
	readahead_dropped(slot_at(id));
	(void)slot_put(id);
}

static bool slot_is_wanted(const struct frame *f)
{
	return f->slot && !f->stale && slot_at(f->slot)->refs > 1;
}

/* A page of a file that differs from the file because it was written by its physical address: only the frame has the bytes. */
static bool must_stay(const struct frame *f)
{
	return f->stale && page_is_filed(f);
}

void page_settle(struct frame *f)
{
	ASSERT(!f->busy && !f->listed);
	if (f->stale)
		page_forget_slot(f);
	if (!f->maps && (f->transitions || slot_is_wanted(f)) && !must_stay(f)) {
		enlist(f, f->slot || page_is_filed(f) ? FRAME_STANDBY : FRAME_MODIFIED);
		return;
	}
	frame_set_state(frame_pfn(f), FRAME_ACTIVE);
	frame_put(frame_pfn(f));
}

void page_put_slot(uint32_t id)
{
	struct slot *s = slot_at(id);
	struct frame *f = s->frame ? &frame_db.record[s->frame - 1] : NULL;

	if (slot_put(id) != 1 || !f || !f->listed || f->transitions)
		return;
	/* Only the frame's record still names the slot, and no entry names the frame. */
	page_unlist(f);
	page_settle(f);
}

bool page_is_ours(const struct frame *f)
{
	return f->refs == f->maps + f->transitions + f->listed && !f->busy;
}

static bool names(const struct pt_mode *mode, const struct pt_slot *slot, pfn_t pfn)
{
	struct pt_soft soft;

	if (slot->level > 0)
		return false;
	if (slot->kind == PT_LEAF)
		return slot->page.v == pfn.v;
	if (slot->kind != PT_SOFT)
		return false;
	pt_soft_decode(mode, slot->entry, &soft);
	return soft.kind == SOFT_TRANSITION && soft.pfn.v == pfn.v;
}

typedef void visit_fn(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot);

/* ---- the entries of a frame ---- */

/* A search that calls fn for each entry once, although spaces can share its table. */
struct search {
	const struct frame *f;
	visit_fn *fn;
	void *ctx;
	uint32_t left;          /* entries that were not found yet */
	uint32_t marked;        /* tables that were marked as seen */
};

/* True if the entry is in a shared table that another space has shown; marks the table. */
static bool is_seen(struct search *s, const struct aspace *as, const struct pt_slot *slot)
{
	struct frame *table = share_is_in_use(as, slot->entry_pa) ? leaf_table_at(slot->entry_pa) : NULL;

	if (!table)
		return false;
	if (table->seen)
		return true;
	table->seen = true;
	s->marked++;
	return false;
}

PT_INLINE void look(struct search *s, struct aspace *as, uint64_t va)
{
	struct pt_slot slot;

	if (pt_lookup(&as->space, va, 0, &slot) != OK || !names(as->space.half[0].mode, &slot, frame_pfn(s->f)) ||
	    is_seen(s, as, &slot))
		return;
	s->left--;
	s->fn(s->ctx, as, va, &slot);
}

static void unmark(struct search *s, struct aspace *as, uint64_t va)
{
	struct pt_slot slot;
	struct frame *table;

	if (pt_lookup(&as->space, va, 0, &slot) != OK || slot.level > 0 || !share_is_in_use(as, slot.entry_pa))
		return;
	table = leaf_table_at(slot.entry_pa);
	s->marked -= table->seen;
	table->seen = false;
}

PT_INLINE void each_of_object(struct search *s, const struct object *o,
                              void (*fn)(struct search *s, struct aspace *as, uint64_t va), const uint32_t *more)
{
	for (struct list *l = o->vmas.next; l && *more && l != &o->vmas; l = l->next) {
		uint64_t va;

		if (object_va(container_of(l, struct vma, mapping), owner_index(s->f), &va))
			fn(s, container_of(l, struct vma, mapping)->as, va);
	}
}

PT_INLINE void each_of_family(struct search *s, void (*fn)(struct search *s, struct aspace *as, uint64_t va), const uint32_t *more)
{
	for (struct list *l = aspaces.next; *more && l != &aspaces; l = l->next) {
		struct aspace *as = container_of(l, struct aspace, link);

		if (rmap_is_family(as, s->f))
			fn(s, as, rmap_va(as, s->f));
	}
}

void page_each_entry(const struct frame *f, void (*fn)(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot),
                     void *ctx)
{
	/* An object's page has no transition entry in a table. */
	struct search s = { .f = f, .fn = fn, .ctx = ctx, .left = f->maps + (frame_is_object(f) ? 0 : f->transitions) };
	const struct object *o = object_of(f);

	if (!frame_is_object(f)) {
		each_of_family(&s, look, &s.left);
		if (s.marked)
			each_of_family(&s, unmark, &s.marked);
	} else if (o) {
		each_of_object(&s, o, look, &s.left);
		if (s.marked)
			each_of_object(&s, o, unmark, &s.marked);
	}
}

static void to_slot(void *ctx, struct aspace *as, uint64_t va, const struct pt_slot *slot)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	struct frame *f = ctx;
	struct pt_soft soft;
	pte_t entry;

	(void)va;
	pt_soft_decode(mode, slot->entry, &soft);
	soft = (struct pt_soft){ .kind = SOFT_PAGEFILE, .file = (uint8_t)slot_file(f->slot), .offset = slot_offset(f->slot),
	                         .protect = soft.protect };
	if (pt_soft_encode(mode, &soft, &entry) != OK)
		return;
	table_store(slot->entry_pa, mode->format->entry_bytes, slot->entry, entry, "page out");
	slot_get(f->slot);
	f->transitions--;
	f->refs--;
}

/* The prototype entry of an object's page no longer names the frame. One that something else holds stays. */
static void prototype_to_slot(struct frame *f, struct object *o)
{
	if (!page_is_ours(f))
		return;
	if (o->filed) {
		object_set_empty(o, owner_index(f));
	} else {
		object_set_slot(o, owner_index(f), slot_file(f->slot), slot_offset(f->slot));
		slot_get(f->slot);
		o->slots++;
	}
	o->frames--;
	f->owner = 0;
	f->transitions--;
	f->refs--;
}

bool page_release(struct frame *f)
{
	ASSERT(f->listed && f->state == FRAME_STANDBY);
	if (!f->stale && object_of(f))
		prototype_to_slot(f, object_of(f));
	else if (!f->stale)
		page_each_entry(f, to_slot, f);
	page_unlist(f);
	if (f->transitions || f->refs > 1 || f->stale) {
		page_settle(f);
		return false;
	}
	page_forget_slot(f);
	frame_put(frame_pfn(f));
	return true;
}

unsigned pages_release(unsigned n)
{
	unsigned done = 0;

	for (uint32_t tries = standby_pages.count; done < n && tries > 0 && page_oldest(&standby_pages); tries--)
		done += page_release(page_oldest(&standby_pages));
	return done;
}
