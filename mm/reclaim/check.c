/* mm/reclaim/check.c - compares software entries with the counts in frames and slots.
 * SPDX-License-Identifier: MIT
 *
 * Every entry takes its reference away from the counts; what is left must be what frames and transfers hold. Then the entries
 * give their references back.
 */
#include "arch/mmu.h"
#include "mm/reclaim/io.h"
#include "mm/reclaim/pages.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/slots.h"

struct check { int by; uint32_t softs; const char *what; uint64_t where; };

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
	f = soft.kind == SOFT_TRANSITION ? frame_at(soft.pfn) : NULL;
	id = slot_named_by(&soft);
	c->softs += f || id;
	if (f)
		f->transitions = (uint8_t)(f->transitions + c->by);
	else if (id)
		slot_at(id)->refs = (uint16_t)(slot_at(id)->refs + c->by);
	return true;
}

/* by -1 takes the references of all entries away, by 1 gives them back. */
static void count_all(struct check *c, int by)
{
	c->by = by;
	list_for_each(l, &aspaces) {
		struct aspace *as = container_of(l, struct aspace, link);

		if (as == &kernel_aspace)
			continue;
		c->softs = 0;
		if (pt_visit(&as->space, 0, USER_END - 1, PT_VISIT_SOFT, count_soft, c) != OK)
			found(c, "a table cannot be read, address space", as->id);
		if (c->softs != as->softs)
			found(c, "wrong count of software entries, address space", as->id);
	}
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
	return c.what;
}
