/* tools/walker/detect.c - searches an image for page tables.
 * SPDX-License-Identifier: MIT
 *
 * A root is a table of which no entry is bad, and at least one points to a table in the image. All tables below it are visited
 * then, up to VISITED entries: a bad entry or a table outside the image counts against it. Systems map all memory, each page once
 * or twice, and so their own tables: the score is the part of the image that is mapped, less where pages are mapped many times
 * or entries are bad.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/walker/detect.h"

enum { KEPT = 10, VISITED = 200000, LEAST = 2, PA_BITS = 40, FEW = 8, WIDE = 8, SLACK = 50, NEAR = 10 };
#define FRAMES_MOST (1ull << 30)

struct candidate {
	const struct pt_format *format;
	unsigned levels, score;
	uint64_t root, pages, bytes;       /* bytes: of the image that are mapped */
};

struct search {
	struct session *s;
	struct pt_mode mode;
	struct candidate best[KEPT + 1];
	unsigned n;
	uint8_t *seen;                     /* one bit for each frame of the image */
	uint64_t frames;
};

static bool in_image(const struct session *s, uint64_t pa, uint64_t size)
{
	const struct image_run *r = image_run_at(s->image, pa);

	return r && r->size - (pa - r->pa) >= size;
}

/* A table is in the image and not in a hole of the file. */
static bool has_table(const struct session *s, struct pt_output table)
{
	const struct image_run *r = image_run_at(s->image, table.pa.v);
	uint64_t offset = r ? r->offset + (table.pa.v - r->pa) : 0;

	return in_image(s, table.pa.v, table.size) && image_next_data(s->image, offset) == offset;
}

/* The first test, which nearly all addresses fail at one of the first entries. */
static bool may_be_root(struct search *d, uint64_t root)
{
	const struct pt_format *f = d->mode.format;
	unsigned top = d->mode.levels - 1u, tables = 0, used[2] = { 0 };

	for (unsigned i = 0; i < pt_root_entries(&d->mode); i++) {
		pte_t pte;

		if (pt_read(&d->s->env, PADDR(root + (uint64_t)i * f->entry_bytes), f->entry_bytes, &pte) != OK)
			return false;
		used[i & 1] += pte.v != 0;
		switch (f->kind(&d->mode, top, pte)) {
		case PT_BAD:
			return false;
		case PT_TABLE:
			if (!has_table(d->s, pt_output(&d->mode, top, pte, 0)))
				return false;
			tables++;
			break;
		default:
			break;
		}
	}
	/* Entries of eight bytes, read as entries of four, have nothing in every other one. */
	if (f->entry_bytes == 4 && !used[1] && used[0] >= WIDE)
		return false;
	return tables;
}

struct visit { struct search *d; struct candidate *c; uint64_t good, bad, outside, count, distinct; bool own; };

/* The number of a frame among those of the image, which contains it. */
static uint64_t frame_index(const struct image *m, uint64_t pa)
{
	uint64_t index = 0;

	for (size_t i = 0; i < m->runs; i++) {
		if (pa - m->run[i].pa < m->run[i].size)
			return index + ((pa - m->run[i].pa) >> PAGE_SHIFT);
		index += (m->run[i].size >> PAGE_SHIFT) + 1;
	}
	return index;
}

static void see_page(struct visit *v, uint64_t pa, uint64_t size)
{
	uint64_t at = frame_index(v->d->s->image, pa);

	v->c->bytes += size;
	for (uint64_t n = size >> PAGE_SHIFT; n && at < v->d->frames; n--, at++) {
		v->distinct += !(v->d->seen[at / 8] >> at % 8 & 1);
		v->d->seen[at / 8] |= (uint8_t)(1u << at % 8);
	}
}

static bool visit_entry(void *ctx, const struct pt_visit_entry *e)
{
	struct visit *v = ctx;

	v->bad += e->kind == PT_BAD;
	if (e->kind == PT_TABLE && !has_table(v->d->s, pt_output(&v->d->mode, e->level, e->entry, e->va)))
		v->bad++;
	else if (e->kind == PT_TABLE)
		v->good++;
	if (e->kind == PT_LEAF) {
		v->c->pages++;
		if (in_image(v->d->s, e->pa.v, e->size)) {
			v->good++;
			see_page(v, e->pa.v, e->size);
		} else {
			v->outside++;
		}
		v->own |= v->c->root - e->pa.v < e->size;
	}
	return ++v->count < VISITED && v->bad <= SLACK + v->good / 8;
}

/* In percent. Devices are outside the image: a few pages of them are in every kernel's tables. Twice is not too often: a kernel has
 * its own image a second time. */
static unsigned score_of(const struct visit *v, uint64_t mapped, uint64_t frames)
{
	double good = (double)v->good / (double)(v->good + 4 * v->bad + v->outside + FEW);
	double covered = (double)v->distinct / (double)frames, once = 2.0 * (double)v->distinct / (double)mapped;

	return (unsigned)(100 * good * (covered < 1 ? covered : 1) * (once < 1 ? once : 1) * (v->own ? 1 : 0.5) + 0.5);
}

/* What a table is worth: a few good entries are found anywhere. Tables that were met before are not visited again. */
static void rate(struct search *d, struct candidate *c)
{
	struct pt_env env = d->s->env;
	struct pt_space space;
	struct visit v = { .d = d, .c = c };

	memset(d->seen, 0, d->frames / 8 + 1);

	if (!session_new_folds(d->s))
		exit(WRONG_USE);
	space = pt_space_of(&d->mode, &env, PADDR(c->root));
	(void)!pt_visit(&space, 0, UINT64_MAX, PT_VISIT_LEAF | PT_VISIT_TABLE | PT_VISIT_BAD, visit_entry, &v);
	c->score = c->bytes ? score_of(&v, c->bytes >> PAGE_SHIFT, d->frames) : 0;
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
	/* A few percent are no difference: tables of the boot have less than those of the system. */
	unsigned x = (a->score + NEAR - 1) / NEAR, y = (b->score + NEAR - 1) / NEAR;

	if (x != y)
		return x > y;
	/* A word that happens to point to the tables is less aligned than they are. */
	if ((a->root & PAGE_MASK) != (b->root & PAGE_MASK))
		return (a->root & PAGE_MASK) < (b->root & PAGE_MASK);
	return a->pages > b->pages;
}

static void keep(struct search *d, const struct candidate *c)
{
	unsigned i = d->n;

	if (c->score < LEAST)
		return;
	for (; i > 0 && is_better(c, &d->best[i - 1]); i--)
		d->best[i] = d->best[i - 1];
	d->best[i] = *c;
	d->n += d->n < KEPT;
}

/* Every address of the image that is aligned as a root of this mode is. Holes of the file are left out. */
static void try_mode(struct search *d)
{
	struct image *m = d->s->image;
	unsigned step = pt_root_bytes(&d->mode);

	for (size_t i = 0; i < m->runs; i++) {
		const struct image_run r = m->run[i];

		uint64_t at = (r.pa + step - 1) / step * step;

		for (; at - r.pa < r.size && r.size - (at - r.pa) >= step; at += step) {
			struct candidate c = { .format = d->mode.format, .levels = d->mode.levels, .root = at };
			uint64_t offset = r.offset + (at - r.pa), hole = image_next_data(m, offset) - offset;

			/* A table of which a part is in a hole can be a root; the whole tables before it cannot. */
			if (hole >= step) {
				at += hole / step * step - step;
				continue;
			}
			if (!may_be_root(d, at))
				continue;
			rate(d, &c);
			keep(d, &c);
		}
	}
}

static void print(const struct search *d)
{
	puts("score  format  levels  root              pages     KiB of the image");
	for (unsigned i = 0; i < d->n; i++) {
		const struct candidate *c = &d->best[i];

		printf("%5u  %-6s  %6u  %-16llx  %-8llu  %llu\n", c->score, c->format->name, c->levels, (unsigned long long)c->root,
		       (unsigned long long)c->pages, (unsigned long long)c->bytes >> 10);
	}
}

int detect(struct session *s)
{
	static struct search d;

	if (!s->image) {
		message("--detect: a scenario says where its tables are\n");
		return WRONG_USE;
	}
	d.s = s;
	for (size_t i = 0; i < s->image->runs; i++)
		d.frames += (s->image->run[i].size >> PAGE_SHIFT) + 1;
	d.seen = d.frames <= FRAMES_MOST ? malloc(d.frames / 8 + 1) : NULL;
	if (!d.seen) {
		message("--detect: this memory is not searched: too large\n");
		return WRONG_USE;
	}
	for (const struct pt_format *const *f = pt_formats; *f; f++) {
		/* The tables of a second stage look like those of a first one: only where they are asked for. */
		if (s->format ? *f != s->format : ((*f)->caps & PT_SECOND_STAGE) != 0)
			continue;
		for (unsigned less = 0; less <= ((*f)->caps & PT_FEWER_LEVELS ? 1 : 0); less++) {
			d.mode = s->mode;
			d.mode.format = *f;
			d.mode.levels = (uint8_t)((*f)->levels - less);
			d.mode.pa_bits = (*f)->pa_bits < PA_BITS ? (*f)->pa_bits : PA_BITS;
			d.mode.pxn = true;
			try_mode(&d);
		}
	}
	if (!d.n) {
		free(d.seen);
		message("no page tables were found\n");
		return memory_status(s) ? memory_status(s) : FAILED;
	}
	print(&d);
	free(d.seen);
	return memory_status(s);
}
