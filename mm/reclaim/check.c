/* mm/reclaim/check.c - compares software entries with the counts in frames and slots.
 * SPDX-License-Identifier: MIT
 *
 * Every entry, of a table or of an object, takes its reference away from the counts; what is left must be what frames and transfers
 * hold. Then the entries give their references back.
 */
#include "arch/mmu.h"
#include "mm/reclaim/compressed.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/slots.h"
#include "mm/space/vma.h"

struct check { int by; struct aspace *as; uint64_t softs; const char *what; uint64_t where; };

static void found(struct check *c, const char *what, uint64_t where)
{
	if (c->what)
		return;
	c->what = what;
	c->where = where;
}

static bool count_soft(void *ctx, const struct pt_visit_entry *e)
{
	struct check *c = ctx;
	struct pt_soft soft;
	struct frame *f;
	uint32_t id;

	pt_soft_decode(arch_pt_mode(), e->entry, &soft);
	if (soft.kind == SOFT_PROTOTYPE && !object_is_named(vma_find(c->as, e->va), e->va, &soft))
		found(c, "a prototype software entry does not name its page", e->va);
	f = soft.kind == SOFT_TRANSITION ? frame_at(soft.pfn) : NULL;
	id = slot_named_by(&soft);
	c->softs += f || id;
	if (f)
		f->transitions = (uint8_t)(f->transitions + c->by);
	else if (id)
		slot_at(id)->refs = (uint16_t)(slot_at(id)->refs + c->by);
	return true;
}

/* A leaf and a transition entry alike hold a reference to a frame that is the page's. */
static void count_prototype(struct check *c, const struct object *o, uint32_t index, uint32_t *frames, uint32_t *slots)
{
	const struct pt_mode *mode = arch_pt_mode();
	pte_t entry = object_entry(o, index);
	struct pt_soft soft = { .kind = SOFT_ZERO };
	pfn_t pfn = PFN(0);
	bool leaf = mode->format->page(mode, entry, 0, &pfn);
	struct frame *f;
	uint32_t id;

	if (!leaf)
		pt_soft_decode(mode, entry, &soft);
	f = leaf ? frame_at(pfn) : soft.kind == SOFT_TRANSITION ? frame_at(soft.pfn) : NULL;
	id = slot_named_by(&soft);
	*frames += f != NULL;
	*slots += id != 0;
	if (f) {
		f->transitions = (uint8_t)(f->transitions + c->by);
		if (f->owner != owner_object(o, index) || (leaf ? f->listed : f->maps > 0))
			found(c, "a prototype entry does not fit its frame", frame_pfn(f).v);
	} else if (id) {
		slot_at(id)->refs = (uint16_t)(slot_at(id)->refs + c->by);
	} else if (leaf || soft.kind == SOFT_TRANSITION || soft.kind == SOFT_PAGEFILE) {
		found(c, "a prototype entry names nothing", (uintptr_t)object_entry_at(o, index));
	}
}

static void count_objects(struct check *c)
{
	for (uint32_t n = 0; n < object_limit(); n++) {
		const struct object *o = object_number(n);
		uint32_t frames = 0, slots = 0;

		for (uint32_t i = 0; o && i < o->pages; i++)
			count_prototype(c, o, i, &frames, &slots);
		if (o && (frames != o->frames || slots != o->slots))
			found(c, "wrong count of an object's pages, object", n);
	}
}

/* pt_env.again: true for a leaf table that another address space has shown. */
static bool was_shown(void *ctx, uint64_t va, paddr_t table, unsigned level, prot_t above)
{
	struct check *c = ctx;
	struct frame *f = level == 0 && share_is_in_use(c->as, table) ? leaf_table_at(table) : NULL;

	(void)va;
	(void)above;
	if (!f)
		return false;
	if (f->seen) {
		c->softs += f->counts.softs;
		return true;
	}
	f->seen = true;
	return false;
}

static void count_space(struct check *c)
{
	struct pt_env env = *c->as->space.env;
	struct pt_space space = c->as->space;

	env.again = was_shown;
	env.ctx = c;
	space.env = &env;
	c->softs = 0;
	if (pt_visit(&space, 0, USER_END - 1, PT_VISIT_SOFT, count_soft, c) != OK)
		found(c, "a table cannot be read, address space", c->as->id);
	if (c->softs != aspace_counts(c->as, NULL).softs)
		found(c, "wrong count of software entries, address space", c->as->id);
}

/* by -1 takes the references of all entries away, by 1 gives them back. */
static void count_all(struct check *c, int by)
{
	c->by = by;
	count_objects(c);
	list_for_each(l, &aspaces) {
		struct aspace *as = container_of(l, struct aspace, link);

		c->as = as;
		if (as != &kernel_aspace)
			count_space(c);
	}
	for (uint32_t i = 0; i < frame_db.count; i++)
		frame_db.record[i].seen = false;
}

/* A write in flight holds one more reference. */
static void check_slot(void *ctx, uint32_t id, struct slot *s)
{
	const struct frame *f = s->frame ? &frame_db.record[s->frame - 1] : NULL;
	unsigned held = (f != NULL) + page_io_writes(id);

	if (f && f->slot != id)
		found(ctx, "a slot names a frame that does not name it", id);
	if (s->refs != held)
		found(ctx, "wrong count of references, slot", id);
}

static void check_frame(struct check *c, const struct frame *f)
{
	if (f->transitions)
		found(c, "wrong count of transition entries, frame", frame_pfn(f).v);
	if (frame_slot(f) && f->state != FRAME_FREE && f->refs &&
	    (!slot_at(f->slot) || slot_at(f->slot)->frame != frame_index(f) + 1))
		found(c, "a frame names a slot that does not name it", frame_pfn(f).v);
	if (f->listed != (f->state == FRAME_MODIFIED || f->state == FRAME_STANDBY))
		found(c, "a frame's state does not fit its list", frame_pfn(f).v);
	if (f->listed && (f->maps || f->busy))
		found(c, "a listed frame is mapped or busy", frame_pfn(f).v);
}

static void check_list(struct check *c, const struct page_list *list, enum frame_state state)
{
	uint32_t n = 0, last = FRAME_NIL;

	for (uint32_t i = list->head; i != FRAME_NIL && n <= list->count; i = frame_db.record[i].next, n++) {
		last = i;
		if (frame_db.record[i].state != state)
			found(c, "a frame on a list has another state", frame_pfn(&frame_db.record[i]).v);
	}
	if (n != list->count || last != list->tail)
		found(c, "a list of pages has a wrong length or end", state);
}

const char *reclaim_check(uint64_t *where)
{
	struct check c = { .what = NULL };

	check_list(&c, &modified_pages, FRAME_MODIFIED);
	check_list(&c, &standby_pages, FRAME_STANDBY);
	count_all(&c, -1);
	slots_each(check_slot, &c);
	for (uint32_t i = 0; i < frame_db.count; i++)
		check_frame(&c, &frame_db.record[i]);
	count_all(&c, 1);
	*where = c.where;
	return c.what ? c.what : compressed_check(where);
}
