/* paging/map.c - the stores: tables on the way, leaves, their removal, the self-map.
 * SPDX-License-Identifier: MIT
 */
#include "paging/range.h"

static err_t add_table(const struct pt_space *s, uint64_t va, unsigned level, paddr_t at,
                       const struct pt_change *c, paddr_t *table)
{
	const struct pt_format *f = s->mode->format;
	err_t err;

	if (!s->env->table_alloc)
		return ERR_NO_MEMORY;
	err = s->env->table_alloc(s->env->ctx, pt_table_bytes(f, level - 1), table);
	if (err != OK)
		return err;
	pt_count_table(s, level - 1, 1);
	pt_store(s, va, level, at, PTE(0), f->make_table(s->mode, level, *table, va), c);
	return OK;
}

err_t pt_ensure(const struct pt_space *s, uint64_t va, unsigned level, const struct pt_change *c, paddr_t *at)
{
	const struct pt_format *f = s->mode->format;
	struct pt_slot slot;
	err_t err = pt_lookup(s, va, level, &slot);

	*at = slot.entry_pa;
	if (err == OK && slot.level > level && slot.kind != PT_EMPTY)
		return ERR_EXISTS;
	/* Nothing is in a new table: from there on the way is known without another walk. */
	for (unsigned reached = slot.level; err == OK && reached > level; reached--) {
		paddr_t table;

		err = add_table(s, va, reached, *at, c, &table);
		if (err == OK)
			*at = paddr_add(table, (uint64_t)pt_index(f, reached - 1, va) * f->entry_bytes);
	}
	return err;
}

/* Can one page of level begin here? Its size must fit, and format and mode must have it. */
static bool fits(const struct pt_space *s, uint64_t va, paddr_t pa, uint64_t len, prot_t prot, unsigned level)
{
	const struct pt_format *f = s->mode->format;
	uint64_t size = pt_level_size(f, level);
	pte_t pte;

	return f->level[level].leaf && IS_ALIGNED(va | pa.v, size) && len >= size &&
	       f->make_leaf(s->mode, level, pa, prot, &pte) == OK;
}

/* Maps one page, the largest of at most *level that fits and for which the entry is free; *level says which. */
static err_t map_one(const struct pt_space *s, uint64_t va, paddr_t pa, uint64_t len, prot_t prot, unsigned *level,
                     const struct pt_change *c)
{
	const struct pt_format *f = s->mode->format;

	for (; ; --*level) {
		paddr_t at;
		pte_t old, new;
		err_t err;

		if (*level > 0 && !fits(s, va, pa, len, prot, *level))
			continue;
		err = f->make_leaf(s->mode, *level, pa, prot, &new);
		if (err == OK)
			err = pt_ensure(s, va, *level, c, &at);
		if (err == OK)
			err = s->env->read(s->env->ctx, at, f->entry_bytes, &old);
		if (err != OK)
			return err;
		/* A table, even an empty one, leaves no place for a large page: smaller ones go into it. */
		if (*level > 0 && f->kind(s->mode, *level, old) == PT_TABLE)
			continue;
		if (old.v)
			return ERR_EXISTS;
		pt_store(s, va, *level, at, old, new, c);
		return OK;
	}
}

/* Undoes what pt_map has mapped so far: whole pages of its own, so nothing is ever split. */
static void clear_mapped(const struct pt_space *s, uint64_t va, uint64_t end, const struct pt_change *c)
{
	while (va < end) {
		struct pt_slot slot;

		if (pt_lookup(s, va, 0, &slot) != OK)
			return;
		pt_store(s, va, slot.level, slot.entry_pa, slot.entry, PTE(0), c);
		va += pt_level_size(s->mode->format, slot.level);
	}
}

err_t pt_map(const struct pt_space *s, uint64_t va, paddr_t pa, uint64_t len, prot_t prot, unsigned max_level,
             const struct pt_change *c)
{
	uint64_t start = va, first, last;
	err_t err;

	if (!IS_ALIGNED(pa.v, pt_level_size(s->mode->format, 0)))
		return ERR_INVALID;
	err = len ? pt_range_of(s->mode, va, len, &first, &last) : OK;
	if (err != OK)
		return err;
	while (len) {
		unsigned level = max_level < s->mode->levels ? max_level : s->mode->levels - 1u;
		uint64_t size;

		err = map_one(s, va, pa, len, prot, &level, c);
		if (err != OK) {
			clear_mapped(s, start, va, c);
			return err;
		}
		size = pt_level_size(s->mode->format, level);
		va += size;
		pa = paddr_add(pa, size);
		len -= size;
	}
	return OK;
}

err_t pt_set(const struct pt_space *s, uint64_t va, pte_t pte, const struct pt_change *c)
{
	paddr_t at;
	pte_t old;
	err_t err = pt_ensure(s, va, 0, c, &at);

	if (err == OK)
		err = s->env->read(s->env->ctx, at, s->mode->format->entry_bytes, &old);
	if (err == OK)
		pt_store(s, va, 0, at, old, pte, c);
	return err;
}

err_t pt_selfmap_install(const struct pt_space *s, uint64_t base, const struct pt_change *c)
{
	const struct pt_format *f = s->mode->format;
	unsigned level = f->sync_level;
	uint64_t reach = pt_level_size(f, level) << f->level[level].bits;
	unsigned tables = level + 1 < s->mode->levels ? pt_level_entries(f, level + 1) : 1;
	paddr_t at, table;
	err_t err;

	if (!f->make_selfmap)
		return ERR_UNSUPPORTED;
	/* One entry after another, for base is aligned to what they cover together. */
	err = pt_ensure(s, base, level, c, &at);
	for (unsigned i = 0; err == OK && i < tables; i++, at = paddr_add(at, f->entry_bytes)) {
		err = pt_ensure(s, i * reach, level, c, &table);
		if (err != OK)
			break;
		table.v = ALIGN_DOWN(table.v, (uint64_t)pt_table_bytes(f, level));
		pt_store(s, base + i * pt_level_size(f, level), level, at, PTE(0), f->make_selfmap(s->mode, level, table), c);
	}
	return err;
}
