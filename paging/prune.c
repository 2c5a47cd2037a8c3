/* paging/prune.c - frees empty tables.
 * SPDX-License-Identifier: MIT
 */
#include "paging/range.h"

struct prune {
	const struct pt_space *s;
	uint64_t first, last;  /* flat, inclusive */
	const struct pt_change *change;
};

/* A table that cannot be read counts as full, so it is never freed. */
static bool is_empty(const struct pt_space *s, paddr_t table, unsigned level)
{
	const struct pt_format *f = s->half[0].mode->format;

	for (unsigned i = pt_skip_empty(s->env, table, f->entry_bytes, 0, pt_level_entries(f, level));
	     i < pt_level_entries(f, level); i++) {
		paddr_t at = paddr_add(table, (uint64_t)i * f->entry_bytes);
		pte_t entry;

		if (pt_read(s->env, at, f->entry_bytes, &entry) != OK || entry.v)
			return false;
	}
	return true;
}

/* The order matters: unlink, report (the caller flushes), free. Otherwise a CPU could walk a table whose frame has another use. */
static void unlink_table(const struct prune *p, uint64_t va, unsigned level, paddr_t at, pte_t entry, paddr_t table)
{
	pt_store(p->s, va, level, at, entry, PTE(0), p->change);
	pt_count_table(p->s, level - 1, -1);
	if (p->s->env->table_free)
		p->s->env->table_free(p->s->env->ctx, table, pt_table_bytes(p->s->half[0].mode->format, level - 1));
}

/* Prunes below a table of `level` that covers `reach` flat addresses from `base`. Lower tables go first,
 * so that a table that becomes empty by this is freed too. A table is freed only if the range
 * contains everything it translates, since the caller vouches for no other address. */
static void prune_below(const struct prune *p, paddr_t table, unsigned level, uint64_t base, uint64_t reach)
{
	const struct pt_mode *mode = p->s->half[0].mode;
	const struct pt_format *f = mode->format;
	uint64_t size = pt_level_size(f, level), end = base + (reach - 1);

	if (end > p->last)
		end = p->last;
	for (uint64_t va = p->first > base ? ALIGN_DOWN(p->first, size) : base; va <= end; va += size) {
		paddr_t at = paddr_add(table, ((va - base) >> f->level[level].shift) * f->entry_bytes), below;
		pte_t entry;

		if (pt_read(p->s->env, at, f->entry_bytes, &entry) != OK)
			return;
		if (!entry.v || f->kind(mode, level, entry) != PT_TABLE)
			continue;
		below = f->output(mode, level, entry, va).pa;
		if (level > 1)
			prune_below(p, below, level - 1, va, size);
		if (level <= f->shared_level && va >= p->first && va + (size - 1) <= p->last &&
		    is_empty(p->s, below, level - 1))
			unlink_table(p, va, level, at, entry, below);
	}
}

void pt_prune(const struct pt_space *s, uint64_t va, uint64_t len, const struct pt_change *c)
{
	struct pt_parts parts;
	err_t err = pt_range_of(s, va, len, &parts);

	for (unsigned i = 0; err == OK && i < parts.n; i++) {
		const struct pt_part *part = &parts.part[i];
		const struct pt_tree *tree = &part->s->half[0];

		prune_below(&(struct prune){ part->s, part->first, part->last, c }, tree->root, tree->mode->levels - 1u, 0,
		            pt_mode_va_mask(tree->mode) + 1);
	}
}
