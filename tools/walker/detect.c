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
#include "tools/walker/sweep.h"

enum { KEPT = 10, VISITED = 200000, LEAST = 2, PA_BITS = 40, FEW = 8, SLACK = 50, NEAR = 10 };
#define FRAMES_MOST (1ull << 30)

struct candidate {
	const struct pt_format *format;
	unsigned levels, score;
	uint64_t root, pages, accessed;    /* accessed: pages that the format says were */
	uint64_t bytes;                    /* of the image that are mapped */
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
	struct pt_output table = { 0 };

	v->bad += e->kind == PT_BAD;
	if (e->kind == PT_TABLE)
		table = pt_output(&v->d->mode, e->level, e->entry, e->va);
	if (e->kind == PT_TABLE && !sweep_has(v->d->s, table.pa.v, table.size))
		v->bad++;
	else if (e->kind == PT_TABLE)
		v->good++;
	if (e->kind == PT_LEAF) {
		v->c->pages++;
		v->c->accessed += (e->prot & PROT_ACCESSED) != 0;
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

static uint64_t quarters_accessed(const struct candidate *c)
{
	return c->pages ? (4 * c->accessed + c->pages / 2) / c->pages : 0;
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
	/* Tables of one family can be good tables of another one; the accessed flag is at another place. */
	if (quarters_accessed(a) != quarters_accessed(b))
		return quarters_accessed(a) > quarters_accessed(b);
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

static void try_root(void *ctx, uint64_t root)
{
	struct search *d = ctx;
	struct candidate c = { .format = d->mode.format, .levels = d->mode.levels, .root = root };

	rate(d, &c);
	keep(d, &c);
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
	d = (struct search){ .s = s };
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
			sweep_roots(s, &d.mode, try_root, &d);
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
