/* isa/query.h - helpers of the families' rules for a walk; for the files of isa/ only.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "isa/isa.h"
#include "paging/field.h"

static inline const struct pt_step *last_step(const struct isa_query *q)
{
	return &q->walk->last;
}

static inline void refuse(struct isa_query *q, enum isa_cause cause, unsigned level, const char *why)
{
	q->cause = cause;
	q->level = level;
	q->why = why;
}

/* The step nearest to the root that removes the right. */
static inline unsigned level_without(const struct isa_query *q, prot_t right)
{
	const struct pt_walk *w = q->walk;

	for (unsigned i = 0; i < w->n; i++)
		if (!(q->mode->format->prot(q->mode, w->step[i].level, w->step[i].entry) & right))
			return w->step[i].level;
	return last_step(q)->level;
}

static inline void refuse_right(struct isa_query *q, prot_t right, const char *why)
{
	refuse(q, CAUSE_PERMISSION, level_without(q, right), why);
}

static inline const struct pt_field *field_of(const struct isa_query *q, const struct pt_step *step, const char *name)
{
	return field_find(q->mode->format, step->level, pt_form(q->mode, step->level, step->entry), name);
}
