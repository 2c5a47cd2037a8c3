/* lessons/machine.c - pages and entries of the running machine for tasks, chosen by the seed.
 * SPDX-License-Identifier: MIT
 */
#include "lessons/machine.h"
#include "kernel/live.h"
#include "lib/string.h"
#include "mm/phys/frame.h"

struct target lesson_target(void)
{
	return live_current();
}

const struct pt_mode *lesson_mode(uint64_t va)
{
	struct target now = live_current();

	return target_mode_at(&now, va);
}

paddr_t lesson_root(uint64_t va)
{
	struct target now = live_current();
	struct pt_space space = target_space(&now);

	return pt_tree_at(&space, va)->root;
}

void lesson_walk(uint64_t va, struct task_walk *w)
{
	struct target now = live_current();
	struct pt_space space = target_space(&now);

	pt_walk(&space, va, &w->walk, w->step, PT_MAX_LEVELS);
}

unsigned lesson_entry_digits(void)
{
	return live_current().mode->format->entry_bytes * 2;
}

uint64_t lesson_direct(paddr_t pa)
{
	struct target now = live_current();

	return pa.v < now.direct_size ? now.direct_base + pa.v : 0;
}

/* ---- choosing a page ---- */

struct search { bool small; uint64_t va; };

static bool first_leaf(void *ctx, const struct pt_visit_entry *e)
{
	struct search *s = ctx;

	if ((s->small && e->level > 0) || frame_at(pfn_of(e->pa)) == NULL)
		return true;
	s->va = e->va;
	return false;
}

/* The first leaf behind a random address. Most of a region may be empty behind its last page: the next address is a lower one. */
static bool leaf_in(struct task *t, const struct region *r, struct search *s)
{
	struct target now = live_current();
	struct pt_space space = target_space(&now);
	uint64_t room = r->last - r->first;

	for (s->va = 0; !s->va && room >= PAGE_SIZE; ) {
		room = task_random(t, room);
		(void)pt_visit(&space, r->first + room, r->last, PT_VISIT_LEAF, first_leaf, s);
	}
	return s->va;
}

/* Often only a few tables have small pages, and their first one would be found each time: another entry of the same table. */
static void neighbour(struct task *t, struct search *s)
{
	const struct pt_format *f = lesson_mode(s->va)->format;
	struct task_walk w;
	uint64_t va = ALIGN_DOWN(s->va, pt_level_size(f, 1)) + (task_random(t, 1u << f->level[0].bits) << PAGE_SHIFT);

	lesson_walk(s->va, &w);
	if (w.walk.last.level > 0)
		return;
	lesson_walk(va, &w);
	if (w.walk.outcome == PT_LEAF && frame_at(pfn_of(w.walk.pa)))
		s->va = va;
}

static bool is_kernel_memory(const struct region *r)
{
	return r->kind == REGION_LOGICAL || r->kind == REGION_VIRTUAL;
}

bool lesson_pick(struct task *t, bool small, uint64_t *va)
{
	struct search s = { .small = small };
	struct task_walk w;

	for (unsigned turn = 0; turn < 64; turn++) {
		const struct region *r = live_current().regions;
		unsigned count = 0, chosen;

		for (const struct region *i = r; i->name; i++)
			count += is_kernel_memory(i);
		chosen = count ? (unsigned)task_random(t, count) : 0;
		while (r->name && (!is_kernel_memory(r) || chosen-- > 0))
			r++;
		if (!r->name || !leaf_in(t, r, &s))
			continue;
		neighbour(t, &s);
		lesson_walk(s.va, &w);
		if (w.walk.outcome != PT_LEAF)
			continue;
		*va = s.va + task_random(t, w.walk.page.size - (s.va & (w.walk.page.size - 1)));
		lesson_walk(*va, &w);
		if (w.walk.outcome == PT_LEAF && frame_at(pfn_of(w.walk.pa)) && frame_at(pfn_of(w.walk.pa))->state != FRAME_BAD)
			return true;
	}
	return false;
}

/* ---- the layout of an entry ---- */

#define LINE_END 110

void lesson_put_fields(struct out *out, const struct pt_mode *mode, unsigned level, unsigned form)
{
	const struct pt_format *f = mode->format;
	const char *comma = "  bits: ";
	char text[64];

	for (unsigned i = 0; i < f->field_count; i++) {
		const struct pt_field *d = &f->fields[i];

		if (!(d->levels >> level & 1) || !(d->forms & form) || (d->forms & PT_FIELD_LETTER) || !d->width)
			continue;
		if (d->width > 1)
			str_printf(text, sizeof(text), "%u:%u %s", d->lsb + d->width - 1, d->lsb, d->name);
		else
			str_printf(text, sizeof(text), "%u %s", d->lsb, d->name);
		if (out->column + strlen(text) + 2 > LINE_END)
			comma = ",\n  ";
		out_printf(out, "%s%s", comma, text);
		comma = ", ";
	}
	out_char(out, '\n');
}
