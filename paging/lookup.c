/* paging/lookup.c - the lookup for every format and every kind of entry.
 * SPDX-License-Identifier: MIT
 */
#include "paging/lookup.h"

err_t pt_lookup_slow(const struct pt_space *s, uint64_t va, unsigned want, struct pt_slot *slot)
{
	const struct pt_tree *tree = pt_tree_at(s, va);
	const struct pt_mode *mode = tree->mode;
	const struct pt_format *f = mode->format;
	unsigned index = pt_root_index(mode, va);
	paddr_t table = tree->root;

	for (unsigned level = mode->levels; level-- > 0; index = pt_index(f, level - 1, va)) {
		/* A table is aligned to its size. */
		paddr_t at = PADDR(table.v | (uint64_t)index * f->entry_bytes);
		pte_t e = PTE(0);
		err_t err = pt_read(s->env, at, f->entry_bytes, &e);
		enum pt_kind kind = err == OK ? f->kind(mode, level, e) : PT_BAD;

		if (kind == PT_TABLE && level != want) {
			slot->upper[level] = e;
			table = f->output(mode, level, e, va).pa;
			continue;
		}
		slot->entry_pa = at;
		slot->entry = e;
		slot->level = level;
		slot->kind = kind;
		if (level == 0 && kind == PT_LEAF)
			(void)f->page(mode, e, va, &slot->page);
		return err;
	}
	return ERR_CORRUPT;     /* no format has a table at level 0 */
}
