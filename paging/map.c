/* paging/map.c - the stores: tables on the way, leaves, their removal, the self-map.
 * SPDX-License-Identifier: MIT
 */
#include "paging/range.h"

/* Allocates a zeroed table of level - 1 and links it at the empty entry `at` of `level`.
 * ERR_NO_MEMORY: also if the environment does not allocate (images, read-only walks). */
static err_t add_table(const struct pt_space *s, uint64_t va, unsigned level, paddr_t at,
                       const struct pt_change *c, paddr_t *table)
{
	const struct pt_format *f = s->half[0].mode->format;
	err_t err;

	if (!s->env->table_alloc)
		return ERR_NO_MEMORY;
	err = s->env->table_alloc(s->env->ctx, pt_table_bytes(f, level - 1), table);
	if (err != OK)
		return err;
	pt_count_table(s, level - 1, 1);
	pt_store(s, va, level, at, PTE(0), f->make_table(s->half[0].mode, level, *table, va), c);
	return OK;
}

/* A new table is empty, so below it the address of the next entry follows without another lookup. */
err_t pt_ensure(const struct pt_space *s, uint64_t va, unsigned level, const struct pt_change *c, paddr_t *at)
{
	struct pt_space room;
	const struct pt_format *f;
	struct pt_slot slot;
	err_t err;

	s = pt_half_at(s, va, &room);
	f = s->half[0].mode->format;
	err = pt_lookup(s, va, level, &slot);
	*at = slot.entry_pa;
	if (err == OK && slot.level > level && slot.kind != PT_EMPTY)
		return ERR_EXISTS;
	/* Each turn links one table; the last one contains the entry of `level`. */
	for (unsigned reached = slot.level; err == OK && reached > level; reached--) {
		paddr_t table;

		err = add_table(s, va, reached, *at, c, &table);
		if (err == OK)
			*at = paddr_add(table, (uint64_t)pt_index(f, reached - 1, va) * f->entry_bytes);
	}
	return err;
}

struct map {
	struct pt_range range; /* first member: the descent hands it back */
	paddr_t pa;            /* of range.first */
	uint64_t done;         /* flat: everything from range.first up to here is mapped */
	unsigned max_level;
};

/* Makes the leaf of the largest page that fits at `va`, at *level or below, and sets *level to its level. */
static err_t largest_leaf(const struct map *m, uint64_t va, unsigned *level, pte_t *leaf)
{
	const struct pt_mode *mode = m->range.s->half[0].mode;
	paddr_t pa = paddr_add(m->pa, va - m->range.first);
	unsigned l = *level < m->max_level ? *level : m->max_level;

	for (; l > 0; l--) {
		uint64_t size = pt_level_size(mode->format, l);

		if (mode->format->level[l].leaf && IS_ALIGNED(va | pa.v, size) && m->range.last - va >= size - 1 &&
		    mode->format->make_leaf(mode, l, pa, m->range.prot, leaf) == OK)
			break;
	}
	*level = l;
	return l ? OK : mode->format->make_leaf(mode, 0, pa, m->range.prot, leaf);
}

/* Stores a leaf here, or adds a table and reads the entry again. An existing table, even an empty one, is not replaced by a
 * large page: smaller pages are stored in it. */
static enum pt_next map_entry(struct pt_range *r, const struct pt_here *h)
{
	struct map *m = (struct map *)r;
	uint64_t va = h->va > r->first ? h->va : r->first;
	unsigned level = h->level;
	enum pt_next next = PT_NEXT;
	paddr_t table;
	pte_t leaf;
	err_t err;

	if (h->kind == PT_TABLE)
		return PT_NEXT;
	err = h->kind == PT_EMPTY ? largest_leaf(m, va, &level, &leaf) : ERR_EXISTS;
	if (err == OK && level < h->level) {
		err = add_table(r->s, h->va, h->level, h->at, r->change, &table);
		next = PT_AGAIN;
	} else if (err == OK) {
		pt_store(r->s, h->va, level, h->at, h->entry, leaf, r->change);
		m->done = h->va + pt_level_size(r->s->half[0].mode->format, level);
	}
	if (err == OK)
		return next;
	pt_range_fail(r, err);
	return PT_STOP;
}

/* Undoes map_part(): the pages are its own and complete, so no page is split. */
static enum pt_next clear_entry(struct pt_range *r, const struct pt_here *h)
{
	if (h->kind == PT_LEAF)
		pt_store(r->s, h->va, h->level, h->at, h->entry, PTE(0), r->change);
	return PT_NEXT;
}

/* Clears the leaves in [r->first, last]; `last` is flat. r->err keeps its value, so the caller
 * returns the original error. */
static void clear_part(struct pt_range *r, uint64_t last)
{
	r->entry = clear_entry;
	r->last = last;
	pt_range_descend(r);
}

/* Maps one part in its tree. An error undoes what this call mapped: `done` is the end of it, and a
 * page of another call before that would have ended the map with ERR_EXISTS. */
static err_t map_part(const struct pt_part *part, paddr_t pa, prot_t prot, unsigned max_level, const struct pt_change *c)
{
	struct map m = {
		.range = { .s = part->s, .first = part->first, .last = part->last, .entry = map_entry, .change = c, .prot = prot },
		.pa = pa, .done = part->first, .max_level = max_level,
	};

	pt_range_descend(&m.range);
	if (m.range.err != OK && m.done > part->first)
		clear_part(&m.range, m.done - 1);
	return m.range.err;
}

err_t pt_map(const struct pt_space *s, uint64_t va, paddr_t pa, uint64_t len, prot_t prot, unsigned max_level,
             const struct pt_change *c)
{
	struct pt_parts parts;
	err_t err;

	if (!IS_ALIGNED(pa.v, pt_level_size(s->half[0].mode->format, 0)))
		return ERR_INVALID;
	if (!len)
		return OK;
	err = pt_range_of(s, va, len, &parts);
	if (err != OK)
		return err;
	err = map_part(&parts.part[0], pa, prot, max_level, c);
	if (err == OK && parts.n == 2) {
		struct pt_part *low = &parts.part[0];

		err = map_part(&parts.part[1], paddr_add(pa, low->last - low->first + 1), prot, max_level, c);
		if (err != OK)
			clear_part(&(struct pt_range){ .s = low->s, .first = low->first, .change = c }, low->last);
	}
	return err;
}

err_t pt_set(const struct pt_space *s, uint64_t va, pte_t pte, const struct pt_change *c)
{
	paddr_t at;
	pte_t old;
	err_t err = pt_ensure(s, va, 0, c, &at);

	if (err == OK)
		err = s->env->read(s->env->ctx, at, s->half[0].mode->format->entry_bytes, &old);
	if (err == OK)
		pt_store(s, ALIGN_DOWN(va, pt_level_size(s->half[0].mode->format, 0)), 0, at, old, pte, c);
	return err;
}

/* The top tables must exist before they are mapped, so pt_ensure() allocates those that are
 * missing. PAE has four page directories, hence four entries; the other formats have one root
 * table, and one entry. */
err_t pt_selfmap_install(const struct pt_space *s, uint64_t base, const struct pt_change *c)
{
	const struct pt_format *f = s->half[0].mode->format;
	unsigned level = f->shared_level;
	uint64_t reach = pt_level_size(f, level) << f->level[level].bits;
	unsigned tables = level + 1 < s->half[0].mode->levels ? pt_level_entries(f, level + 1) : 1;
	paddr_t at, table;
	err_t err;

	if (!f->make_selfmap)
		return ERR_UNSUPPORTED;
	/* The entries are neighbours in one table, because `base` is aligned to their common size. */
	err = pt_ensure(s, base, level, c, &at);
	for (unsigned i = 0; err == OK && i < tables; i++, at = paddr_add(at, f->entry_bytes)) {
		err = pt_ensure(s, i * reach, level, c, &table);
		if (err != OK)
			break;
		table.v = ALIGN_DOWN(table.v, (uint64_t)pt_table_bytes(f, level));
		pt_store(s, base + i * pt_level_size(f, level), level, at, PTE(0),
		         f->make_selfmap(s->half[0].mode, level, table), c);
	}
	return err;
}
