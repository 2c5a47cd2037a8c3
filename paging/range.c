/* paging/range.c - one descent over a range of addresses.
 * SPDX-License-Identifier: MIT
 */
#include "paging/range.h"

void pt_store(const struct pt_space *s, uint64_t va, unsigned level, paddr_t at, pte_t old, pte_t new,
              const struct pt_change *c)
{
	s->env->store(s->env->ctx, at, s->half[0].mode->format->entry_bytes, old, new, c ? c->why : "");
	if (!c || !c->fn)
		return;
	va = ALIGN_DOWN(va, level ? pt_level_size(s->half[0].mode->format, level) : (uint64_t)PAGE_SIZE);
	/* On the path of every unmapped page: formats without sign extension and without an upper half skip the computation. */
	if ((s->half[0].mode->format->caps & PT_SIGN_EXTEND) || s->half[0].mode->upper)
		va = pt_va_canonical(s->half[0].mode, va);
	c->fn(c->ctx, va, level, old, new);
}

void pt_range_fail(struct pt_range *r, err_t err)
{
	if (r->err == OK)
		r->err = err;
}

/* True if the environment has visited the table at `table` before and [first, last] contains all that it translates. */
static bool seen_before(const struct pt_range *r, const struct pt_here *here, paddr_t table, prot_t above)
{
	const struct pt_env *env = r->s->env;
	uint64_t size = pt_level_size(r->s->half[0].mode->format, here->level);

	return r->fold && env->again && here->va >= r->first && here->va + (size - 1) <= r->last &&
	       env->again(env->ctx, pt_va_canonical(r->s->half[0].mode, here->va), table, here->level - 1, above);
}

/* Visits the entries of one table of `level` that covers `reach` flat addresses from `base`. False:
 * r->entry returned PT_STOP. The comparison of `hi` subtracts, because base + reach can wrap at
 * the end of a 64-bit space. An entry is read again after PT_AGAIN, and entered only when r->entry
 * has seen its last value. */
static bool descend(struct pt_range *r, paddr_t table, unsigned level, uint64_t base, uint64_t reach, prot_t above)
{
	const struct pt_space *s = r->s;
	const struct pt_format *f = s->half[0].mode->format;
	uint64_t size = pt_level_size(f, level);
	uint64_t lo = r->first > base ? r->first : base;
	uint64_t hi = r->last - base < reach ? r->last : base + (reach - 1);
	unsigned i = (unsigned)((lo - base) >> f->level[level].shift), end = (unsigned)((hi - base) >> f->level[level].shift) + 1;
	struct pt_here here = { .level = level, .above = above };

	for (; i < end; i++) {
		enum pt_next next;

		if (r->skip_empty && (i = pt_skip_empty(s->env, table, f->entry_bytes, i, end)) == end)
			return true;
		here.va = base + ((uint64_t)i << f->level[level].shift);
		here.at = paddr_add(table, (uint64_t)i * f->entry_bytes);
		do {
			if (pt_read(s->env, here.at, f->entry_bytes, &here.entry) != OK) {
				pt_range_fail(r, ERR_IO);
				return true;
			}
			here.kind = here.entry.v ? f->kind(s->half[0].mode, level, here.entry) : PT_EMPTY;
			next = r->entry(r, &here);
		} while (next == PT_AGAIN);
		if (next == PT_STOP)
			return false;
		if (here.kind == PT_TABLE) {
			paddr_t below = f->output(s->half[0].mode, level, here.entry, here.va).pa;
			prot_t rights = r->rights ? pt_combine(above, f->prot(s->half[0].mode, level, here.entry)) : above;

			if (!seen_before(r, &here, below, rights) && !descend(r, below, level - 1, here.va, size, rights))
				return false;
		}
	}
	return true;
}

void pt_range_descend(struct pt_range *r)
{
	const struct pt_mode *mode = r->s->half[0].mode;

	descend(r, r->s->half[0].root, mode->levels - 1u, 0, pt_mode_va_mask(mode) + 1, PROT_RIGHTS);
}
