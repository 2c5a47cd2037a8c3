/* tools/walker/roots.c - searches an image for the roots of its system.
 * SPDX-License-Identifier: MIT
 *
 * All processes of a system share the pages of its kernel. So some pages of the session's root that user mode may not access are
 * chosen; a table is another root if it translates some of them equally, and few of them otherwise: each root's self-map has its
 * own tables. That depends on no format and no system. Roots without the kernel's pages are not found: those of AArch64's TTBR0. A
 * table of a process that has ended is found until its memory is used again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tools/walker/sweep.h"

enum { SAMPLES = 512, LEAST = 4, OFTEN = 4, VISITED = 1 << 20 };
#define SEARCHED_MOST (1ull << 46)

struct sample { uint64_t va, pa; };

struct sampler {
	struct sample page[SAMPLES];
	unsigned n;
	uint64_t seen, random;
};

struct sweep { struct session *s; struct pt_mode mode; struct sampler *from; bool failed; };

/* Any of the pages with equal probability, in one pass. */
static bool take_sample(void *ctx, const struct pt_visit_entry *e)
{
	struct sampler *from = ctx;
	uint64_t at;

	if (e->prot & PROT_U)
		return true;
	from->random = from->random * 6364136223846793005u + 1442695040888963407u;
	at = from->seen < SAMPLES ? from->seen : (from->random >> 33) % (from->seen + 1);
	from->seen++;
	if (at < SAMPLES)
		from->page[at] = (struct sample){ e->va, e->pa.v };
	from->n += from->n < SAMPLES;
	return from->seen < VISITED;
}

static bool add_user(void *ctx, const struct pt_visit_entry *e)
{
	*(uint64_t *)ctx += e->prot & PROT_U ? e->size : 0;
	return true;
}

static void visit_anew(struct session *s, const struct pt_space *space, pt_visit_fn fn, void *ctx)
{
	if (session_new_folds(s))
		(void)!pt_visit(space, 0, UINT64_MAX, PT_VISIT_LEAF, fn, ctx);
}

static void keep(struct sweep *w, const struct root *found)
{
	struct roots *r = &w->s->roots;

	if (r->n == r->room) {
		size_t room = 2 * r->room + 16;
		struct root *more = realloc(r->list, room * sizeof(*more));

		w->failed |= !more;
		if (!more)
			return;
		r->list = more;
		r->room = room;
	}
	r->list[r->n++] = *found;
}

static void compare(void *ctx, uint64_t root)
{
	struct sweep *w = ctx;
	struct pt_space space = pt_space_of(&w->mode, &w->s->env, PADDR(root));
	struct root found = { .root = root, .asked = w->from->n };
	unsigned other = 0;

	for (unsigned i = 0; i < w->from->n; i++) {
		struct pt_walk walk;

		pt_walk(&space, w->from->page[i].va, &walk, NULL, 0);
		found.same += walk.outcome == PT_LEAF && walk.pa.v == w->from->page[i].pa;
		other += walk.outcome == PT_LEAF && walk.pa.v != w->from->page[i].pa;
	}
	if (found.same <= OFTEN * other || found.same < (w->from->n < LEAST ? w->from->n : LEAST))
		return;
	visit_anew(w->s, &space, add_user, &found.user);
	keep(w, &found);
}

static bool can_search(const struct session *s)
{
	uint64_t bytes = 0;

	for (size_t i = 0; s->image && i < s->image->runs; i++)
		bytes += s->image->run[i].size;
	if (!s->image)
		message("roots: a scenario says where its tables are\n");
	else if (bytes > SEARCHED_MOST)
		message("roots: %s does not say where its memory is, so it is not searched\n", s->image->kind);
	return s->image && bytes <= SEARCHED_MOST;
}

bool roots_search(struct session *s)
{
	static struct sampler from;
	struct sweep w = { .s = s, .mode = s->mode, .from = &from };
	struct pt_space space;
	struct folds *folds = s->folds;

	if (s->roots.searched)
		return true;
	if (!can_search(s))
		return false;
	/* 32-bit ARM copies the kernel's entries into the root of the lower half, which has room for them. */
	if (s->target.upper && s->mode.format->va_bits <= 32)
		settings_format(s, &w.mode, s->mode.format);
	from = (struct sampler){ .n = 0 };
	/* The fold of the command that runs stays. */
	s->folds = NULL;
	space = pt_space_of(&w.mode, &s->env, s->target.root);
	visit_anew(s, &space, take_sample, &from);
	if (from.n)
		sweep_roots(s, &w.mode, compare, &w);
	if (s->folds)
		folds_free(s->folds);
	s->folds = folds;
	s->roots.searched = true;
	if (!from.n)
		message("roots: the tables at %llx map no page of a kernel, by which others would be recognised\n",
		        (unsigned long long)s->target.root.v);
	else if (w.failed)
		message("roots: no memory for all of them\n");
	return !w.failed && from.n;
}

bool roots_number(void *ctx, unsigned i, paddr_t *found)
{
	struct session *s = ctx;
	size_t at = 0;

	*found = s->target.root;
	if (i == 0)
		return true;
	(void)roots_search(s);
	folds_other_root(s->folds);
	for (at = 0; at < s->roots.n; at++)
		if (s->roots.list[at].root != s->target.root.v && --i == 0)
			break;
	if (at < s->roots.n)
		*found = PADDR(s->roots.list[at].root);
	return at < s->roots.n;
}
