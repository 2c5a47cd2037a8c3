/* paging/walk.c - the walk that records every step, for looking at.
 * SPDX-License-Identifier: MIT
 */
#include "paging/walk.h"

/* Only ARM's entries say more than pt_combine's last line takes. */
static inline prot_t combine(prot_t above, prot_t own)
{
	if ((above | own) & PROT_BELOW)
		return pt_combine(above, own);
	return own & (above | ~(prot_t)PROT_RIGHTS);
}

static void finish(struct pt_walk *w, const struct pt_mode *mode, const struct pt_step *end)
{
	w->outcome = end->kind;
	w->prot = pt_settle(w->prot);
	if (w->outcome != PT_LEAF)
		return;
	w->page = mode->format->target(mode, end->level, end->entry, w->va);
	w->pa = paddr_add(w->page.pa, w->va & (w->page.size - 1));
}

void pt_walk(const struct pt_space *s, uint64_t va, struct pt_walk *w)
{
	const struct pt_mode *mode = s->mode;
	const struct pt_format *f = mode->format;
	paddr_t table = s->root;

	*w = (struct pt_walk){ .va = va, .outcome = PT_BAD, .prot = PROT_RIGHTS };
	if (!pt_va_valid(mode, va)) {
		w->err = ERR_RANGE;
		return;
	}
	for (unsigned level = mode->levels; level-- > 0; ) {
		struct pt_step *step = &w->step[w->n++];

		step->level = (uint8_t)level;
		step->index = (uint16_t)pt_index(f, level, va);
		step->entry_pa = paddr_add(table, (uint64_t)step->index * f->entry_bytes);
		w->err = s->env->read(s->env->ctx, step->entry_pa, f->entry_bytes, &step->entry);
		step->kind = w->err == OK ? f->kind(mode, level, step->entry) : PT_BAD;
		if (w->err != OK)
			return;
		w->prot = combine(w->prot, f->prot(mode, level, step->entry));
		if (step->kind != PT_TABLE) {
			finish(w, mode, step);
			return;
		}
		table = f->target(mode, level, step->entry, va).pa;
	}
}
