/* paging/walk.c - the walk that records every step, for commands that show it.
 * SPDX-License-Identifier: MIT
 */
#include "paging/walk.h"

/* pt_combine() for entries without ARM's restrictions: its last line is sufficient. */
static inline prot_t combine(prot_t above, prot_t own)
{
	if ((above | own) & PROT_BELOW)
		return pt_combine(above, own);
	return own & (above | ~(prot_t)PROT_RIGHTS);
}

/* Sets the result after the last entry was read. Only a leaf has a page and a physical address;
 * all outcomes have effective rights. */
static void finish(struct pt_walk *w, const struct pt_mode *mode, const struct pt_step *end)
{
	w->outcome = end->kind;
	w->prot = pt_final_prot(w->prot);
	if (w->outcome != PT_LEAF)
		return;
	w->page = mode->format->output(mode, end->level, end->entry, w->va);
	w->pa = paddr_add(w->page.pa, w->va & (w->page.size - 1));
}

/* Reads the entry at step->entry_pa and classifies it. An unreadable entry has the kind PT_BAD;
 * its value is then meaningless. */
static inline err_t read_step(const struct pt_env *env, const struct pt_mode *mode, struct pt_step *step)
{
	err_t err = pt_read(env, step->entry_pa, mode->format->entry_bytes, &step->entry);

	step->kind = err == OK ? mode->format->kind(mode, step->level, step->entry) : PT_BAD;
	return err;
}

void pt_walk(const struct pt_space *s, uint64_t va, struct pt_walk *w, struct pt_step *step, unsigned room)
{
	const struct pt_tree *tree = pt_tree_at(s, va);
	const struct pt_mode *mode = tree->mode;
	const struct pt_format *f = mode->format;
	struct pt_step *last = &w->last;
	paddr_t table = tree->root;
	unsigned index;

	*w = (struct pt_walk){ .va = va, .step = step, .outcome = PT_BAD, .prot = PROT_RIGHTS };
	if (!pt_va_valid(mode, va)) {
		w->err = ERR_RANGE;
		return;
	}
	index = pt_root_index(mode, va);
	for (unsigned level = mode->levels; level-- > 0; index = pt_index(f, level - 1, va)) {
		last->level = (uint8_t)level;
		last->index = (uint16_t)index;
		last->entry_pa = paddr_add(table, (uint64_t)index * f->entry_bytes);
		w->err = read_step(s->env, mode, last);
		if (w->n < room)
			step[w->n] = *last;
		w->n++;
		if (w->err != OK)
			return;
		w->prot = combine(w->prot, f->prot(mode, level, last->entry));
		if (last->kind != PT_TABLE) {
			finish(w, mode, last);
			return;
		}
		table = f->output(mode, level, last->entry, va).pa;
	}
}
