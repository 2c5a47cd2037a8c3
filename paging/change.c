/* paging/change.c - changes to mappings: unmap, protect, split.
 * SPDX-License-Identifier: MIT
 *
 * No function makes a page larger. A page that is only partly in the range is split first and stays split.
 */
#include "paging/range.h"

/* Size of the page of this leaf: with PT_REPEATS it can occupy several entries. */
static uint64_t page_size(const struct pt_space *s, unsigned level, pte_t leaf, uint64_t va)
{
	const struct pt_format *f = s->half[0].mode->format;

	return f->caps & PT_REPEATS ? f->output(s->half[0].mode, level, leaf, va).size : pt_level_size(f, level);
}

/* Replaces the identical entries of a PT_REPEATS page by single ones with the same translation.
 * One of them alone must not change: the TLB may hold the whole page under any of its addresses
 * (ARM DDI 0406C B3.5.2). An entry that differs from `leaf` already is left as it is. */
static err_t split_repeated(const struct pt_space *s, uint64_t va, unsigned level, paddr_t at, pte_t leaf,
                      const struct pt_change *c)
{
	const struct pt_format *f = s->half[0].mode->format;
	struct pt_output page = f->output(s->half[0].mode, level, leaf, va);
	uint64_t size = pt_level_size(f, level), first = ALIGN_DOWN(va, page.size);
	paddr_t slot = PADDR(at.v - ((va - first) >> f->level[level].shift) * f->entry_bytes);

	for (uint64_t done = 0; done < page.size; done += size, slot.v += f->entry_bytes) {
		pte_t old, new;
		err_t err = f->make_leaf(s->half[0].mode, level, paddr_add(page.pa, done),
		                         f->prot(s->half[0].mode, level, leaf), &new);

		if (err == OK)
			err = s->env->read(s->env->ctx, slot, f->entry_bytes, &old);
		if (err != OK)
			return err;
		if (old.v == leaf.v)
			pt_store(s, first + done, level, slot, old, new, c);
	}
	return OK;
}

/* Fills a table of `level` that no entry points to yet with pages that continue from `pa`. No
 * change is reported: no CPU can have cached an entry of it. ERR_RANGE: the format cannot map this
 * memory or these rights at `level`. */
static err_t fill_smaller(const struct pt_space *s, paddr_t table, unsigned level, paddr_t pa, prot_t prot,
                          const struct pt_change *c)
{
	const struct pt_format *f = s->half[0].mode->format;

	for (unsigned i = 0; i < pt_level_entries(f, level); i++) {
		pte_t new;
		err_t err = f->make_leaf(s->half[0].mode, level, pa, prot, &new);

		if (err != OK)
			return err;
		s->env->store(s->env->ctx, paddr_add(table, (uint64_t)i * f->entry_bytes), f->entry_bytes,
		              PTE(0), new, c ? c->why : "");
		pa = paddr_add(pa, pt_level_size(f, level));
	}
	return OK;
}

/* Replaces a large page by a table of the next lower level. The table is complete before the one
 * store that links it, so a CPU that walks meanwhile sees either the page or the same translation
 * in small pages. After an error nothing was changed. */
static err_t split_leaf(const struct pt_space *s, uint64_t va, unsigned level, paddr_t at, pte_t leaf,
                        const struct pt_change *c)
{
	const struct pt_format *f = s->half[0].mode->format;
	unsigned bytes = pt_table_bytes(f, level - 1);
	paddr_t table;
	err_t err;

	if (!s->env->table_alloc)
		return ERR_NO_MEMORY;
	err = s->env->table_alloc(s->env->ctx, bytes, &table);
	if (err != OK)
		return err;
	err = fill_smaller(s, table, level - 1, f->output(s->half[0].mode, level, leaf, va).pa,
	                   f->prot(s->half[0].mode, level, leaf), c);
	if (err != OK) {
		s->env->table_free(s->env->ctx, table, bytes);
		return err;
	}
	pt_count_table(s, level - 1, 1);
	pt_store(s, va, level, at, leaf, f->make_table(s->half[0].mode, level, table, va), c);
	return OK;
}

/* Splits the page by one step: repeated entries become single ones, or a large page becomes a table. The caller reads the entry
 * again. */
static err_t split_once(const struct pt_space *s, uint64_t va, unsigned level, paddr_t at, pte_t leaf,
                 const struct pt_change *c)
{
	if (page_size(s, level, leaf, va) > pt_level_size(s->half[0].mode->format, level))
		return split_repeated(s, va, level, at, leaf, c);
	return split_leaf(s, va, level, at, leaf, c);
}

err_t pt_split(const struct pt_space *s, uint64_t va, const struct pt_change *c)
{
	struct pt_space room;

	s = pt_half_at(s, va, &room);
	for (;;) {
		struct pt_slot slot;
		err_t err = pt_va_valid(s->half[0].mode, va) ? pt_lookup(s, va, 0, &slot) : ERR_RANGE;
		bool repeats;

		if (err != OK)
			return err;
		if (slot.kind != PT_LEAF)
			return ERR_NOT_FOUND;
		repeats = page_size(s, slot.level, slot.entry, va) > pt_level_size(s->half[0].mode->format, slot.level);
		if (slot.level == 0 && !repeats)
			return ERR_NOT_FOUND;
		err = split_once(s, va, slot.level, slot.entry_pa, slot.entry, c);
		/* A page of repeated entries above level 0 is now one of single entries, still large. */
		if (err != OK || slot.level == 0 || !repeats)
			return err;
	}
}

/* Splits the page here if a part of it is outside the range. PT_NEXT: all of it is inside;
 * PT_AGAIN: the entry was replaced and must be read again; PT_STOP: the split failed, and the page
 * is unchanged. */
static enum pt_next cut_to_range(struct pt_range *r, const struct pt_here *h)
{
	uint64_t size, first;
	err_t err;

	if (h->level == 0 && !(r->s->half[0].mode->format->caps & PT_REPEATS))
		return PT_NEXT;
	size = page_size(r->s, h->level, h->entry, h->va);
	first = ALIGN_DOWN(h->va, size);
	if (first >= r->first && first + (size - 1) <= r->last)
		return PT_NEXT;
	/* The split of one repeated page may have replaced its neighbours, so the decision uses
	 * this entry's own size. */
	err = split_once(r->s, h->va, h->level, h->at, h->entry, r->change);
	if (err == OK)
		return PT_AGAIN;
	pt_range_fail(r, err);
	return PT_STOP;
}

/* True if the range contains all addresses that the entry covers. */
static bool wholly_inside(const struct pt_range *r, const struct pt_here *h)
{
	return h->va >= r->first && h->va + (pt_level_size(r->s->half[0].mode->format, h->level) - 1) <= r->last;
}

/* pt_unmap() at one entry. A software entry above level 0 cannot be split, because its meaning is
 * the caller's: unless the range contains it completely, it stays and ERR_CORRUPT is recorded.
 * Tables stay; pt_prune() frees them. */
static enum pt_next unmap_entry(struct pt_range *r, const struct pt_here *h)
{
	enum pt_next next = PT_NEXT;

	if (h->kind == PT_EMPTY || h->kind == PT_TABLE)
		return PT_NEXT;
	if (h->kind == PT_BAD || (h->kind == PT_SOFT && !wholly_inside(r, h))) {
		pt_range_fail(r, ERR_CORRUPT);
		return PT_NEXT;
	}
	if (h->kind == PT_LEAF)
		next = cut_to_range(r, h);
	if (next == PT_NEXT)
		pt_store(r->s, h->va, h->level, h->at, h->entry, PTE(0), r->change);
	return next;
}

/* pt_protect() at one entry. Accessed and dirty bits keep their value: the CPU may have set them,
 * and the caller's `prot` cannot know. An equal entry is not stored, so that it needs no flush. */
static enum pt_next protect_entry(struct pt_range *r, const struct pt_here *h)
{
	const struct pt_format *f = r->s->half[0].mode->format;
	const prot_t state = PROT_ACCESSED | PROT_DIRTY;
	struct pt_output page;
	enum pt_next next;
	prot_t kept;
	pte_t new;
	err_t err;

	if (h->kind == PT_BAD)
		pt_range_fail(r, ERR_CORRUPT);
	if (h->kind != PT_LEAF)
		return PT_NEXT;
	next = cut_to_range(r, h);
	if (next != PT_NEXT)
		return next;
	page = f->output(r->s->half[0].mode, h->level, h->entry, h->va);
	kept = f->prot(r->s->half[0].mode, h->level, h->entry) & state;
	err = f->make_leaf(r->s->half[0].mode, h->level, paddr_add(page.pa, h->va & (page.size - 1)),
	                   (r->prot & ~state) | kept, &new);
	if (err != OK) {
		pt_range_fail(r, err);
		return PT_STOP;
	}
	if (new.v != h->entry.v)
		pt_store(r->s, h->va, h->level, h->at, h->entry, new, r->change);
	return PT_NEXT;
}

/* Runs r->entry over [va, va + len), in each tree that the range touches. Returns the first error
 * of the descent, which continues after it where that is possible. len 0 is no error. */
static err_t change_range(struct pt_range *r, uint64_t va, uint64_t len)
{
	struct pt_parts parts;
	err_t err;

	if (len == 0)
		return OK;
	err = pt_range_of(r->s, va, len, &parts);
	for (unsigned i = 0; err == OK && i < parts.n; i++) {
		r->s = parts.part[i].s;
		r->first = parts.part[i].first;
		r->last = parts.part[i].last;
		pt_range_descend(r);
	}
	return err == OK ? r->err : err;
}

err_t pt_unmap(const struct pt_space *s, uint64_t va, uint64_t len, const struct pt_change *c)
{
	struct pt_range r = { .s = s, .entry = unmap_entry, .change = c, .skip_empty = true };

	return change_range(&r, va, len);
}

err_t pt_protect(const struct pt_space *s, uint64_t va, uint64_t len, prot_t prot, const struct pt_change *c)
{
	struct pt_range r = { .s = s, .entry = protect_entry, .change = c, .prot = prot, .skip_empty = true };

	return change_range(&r, va, len);
}
