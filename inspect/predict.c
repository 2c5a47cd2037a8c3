/* inspect/predict.c - predicts an access from the tables and the mode.
 * SPDX-License-Identifier: MIT
 *
 * One walk supplies the entries. isa/ decides which condition of the manual denies the access, and which fault code results.
 */
#include "inspect/predict.h"
#include "inspect/fields.h"
#include "lib/string.h"

struct query {
	const struct pt_mode *mode;
	struct predict_access a;
	struct prediction *p;
};

/* ---- accessed and dirty ---- */

static uint64_t bit_named(const struct query *q, const struct pt_step *step, const char *name)
{
	unsigned form = pt_form(q->mode, step->level, step->entry);
	const struct pt_field *field = field_find(q->mode->format, step->level, form, name);

	return field ? field_mask(field) : 0;
}

static void note_changes(struct query *q)
{
	struct prediction *p = q->p;
	bool allowed = p->outcome == PREDICT_ALLOWED;

	if (!q->mode->hw_accessed)
		return;
	for (unsigned i = 0; i < p->walk.n; i++) {
		const struct pt_step *step = &p->walk.step[i];
		uint64_t set = 0;

		/* PAE's top entries were read when CR3 was loaded and have no such bits. */
		if (pt_checked_at_load(q->mode, step->level))
			continue;
		if (step->kind == PT_TABLE || (allowed && step->kind == PT_LEAF))
			set |= bit_named(q, step, "Accessed");
		/* AArch64 (access flag) and RISC-V (A) set it in the last entry alone: DDI 0487 D8.4.7, Privileged 4.3.1. */
		if (allowed && step->kind == PT_LEAF)
			set |= bit_named(q, step, "AF") | bit_named(q, step, "A");
		if (allowed && step->kind == PT_LEAF && q->a.access == ACCESS_WRITE && q->mode->hw_dirty)
			set |= bit_named(q, step, "Dirty") | bit_named(q, step, "D");
		if (set & ~step->entry.v)
			p->change[p->changes++] = (struct predict_change){
				step->level, step->entry_pa, step->entry, PTE(step->entry.v | set),
			};
	}
}

static prot_t combined_rights(const struct pt_mode *mode, const struct pt_walk *w)
{
	prot_t rights = PROT_RIGHTS;

	for (unsigned i = 0; i < w->n; i++)
		rights = pt_combine(rights, mode->format->prot(mode, w->step[i].level, w->step[i].entry));
	return rights;
}

static void check_access(const struct query *q)
{
	const struct isa *isa = q->mode->format->isa;
	struct prediction *p = q->p;
	struct isa_query asked = {
		.mode = q->mode, .a = q->a, .walk = &p->walk, .rights = combined_rights(q->mode, &p->walk),
	};

	isa->check_access(&asked);
	if (asked.cause == CAUSE_NONE) {
		p->pa = p->walk.pa;
		return;
	}
	isa->encode(&asked);
	p->outcome = PREDICT_FAULT;
	p->code = asked.code;
	p->why = asked.why;
	p->level = asked.level;
}

/* The walk of the CPU continues below an entry that is bad, if it was checked when the root was loaded. */
static void walk_on(const struct pt_space *space, uint64_t va, struct prediction *p)
{
	struct pt_step top = p->step[0];
	struct pt_mode below = *space->half[0].mode;
	struct pt_space rest;

	if (p->walk.n != 1 || top.kind != PT_BAD || !pt_checked_at_load(space->half[0].mode, top.level))
		return;
	p->later = space->half[0].mode->format->isa->bad_root_entry;
	below.levels--;
	below.va_bits = 0;
	rest = pt_space_of(&below, space->env, pt_output(space->half[0].mode, top.level, top.entry, va).pa);
	pt_walk(&rest, va & pt_mode_va_mask(&below), &p->walk, p->step + 1, ARRAY_LEN(p->step) - 1);
	p->walk.step = p->step;
	p->walk.n++;
	p->walk.va = va;
}

void predict(const struct pt_space *space, uint64_t va, struct predict_access a, struct prediction *p)
{
	struct query q = { .mode = pt_tree_at(space, va)->mode, .a = a, .p = p };

	*p = (struct prediction){ .outcome = PREDICT_ALLOWED };
	pt_walk(space, va, &p->walk, p->step, ARRAY_LEN(p->step));
	walk_on(space, va, p);
	if (p->walk.err != OK) {
		p->outcome = p->walk.err == ERR_RANGE ? PREDICT_NO_ADDRESS : PREDICT_UNREADABLE;
		p->level = p->walk.n ? p->walk.last.level : 0;
		return;
	}
	check_access(&q);
	note_changes(&q);
}
