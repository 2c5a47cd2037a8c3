/* tools/walker/folds.c - a hash table of the tables that were met.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>

#include "tools/walker/folds.h"

#define BUCKETS  4096u
#define MOST     16u       /* lines */

struct fold {
	struct fold *next;       /* in its bucket */
	struct fold *after;      /* the next that was met */
	uint64_t va, table, times;
	unsigned level;
	prot_t above;
	bool holds;              /* a search found something in it, or below */
};

struct folds {
	struct fold *bucket[BUCKETS];
	struct fold *first, **last;
	bool searching;
	bool full;               /* there was no memory for a table, which was left out */
	struct fold *way[PT_MAX_LEVELS];   /* the last table visited at each level: all tables on the path to the current entry */
};

struct folds *folds_new(void)
{
	struct folds *f = calloc(1, sizeof(*f));

	if (f)
		f->last = &f->first;
	return f;
}

void folds_free(struct folds *f)
{
	struct fold *next;

	for (struct fold *i = f->first; i; i = next) {
		next = i->after;
		free(i);
	}
	free(f);
}

bool folds_add(struct folds *f, uint64_t va, uint64_t table, unsigned level, prot_t above)
{
	struct fold **bucket = &f->bucket[(table / PAGE_SIZE ^ table / 1024 * 7 ^ level) % BUCKETS], *i;

	/* Attributes of the entry above are not inherited. */
	above &= PROT_RIGHTS | PROT_BELOW;
	for (i = *bucket; i; i = i->next)
		if (i->table == table && i->level == level && i->above == above) {
			i->times += !f->searching;
			f->way[level] = i;
			return !f->searching || !i->holds;
		}
	i = calloc(1, sizeof(*i));
	if (!i) {
		f->full = true;
		return true;
	}
	*i = (struct fold){ .next = *bucket, .va = va, .table = table, .level = level, .above = above };
	*bucket = *f->last = f->way[level] = i;
	f->last = &i->after;
	return false;
}

bool folds_full(const struct folds *f)
{
	return f->full;
}

void folds_search(struct folds *f)
{
	f->searching = true;
}

void folds_other_root(struct folds *f)
{
	for (struct fold *i = f->first; i; i = i->after)
		i->holds = false;
}

void folds_found(struct folds *f, unsigned level)
{
	for (; level < PT_MAX_LEVELS; level++)
		if (f->way[level])
			f->way[level]->holds = true;
}

void folds_print(const struct folds *f, struct out *out, const struct target *t)
{
	unsigned lines = 0;

	for (const struct fold *i = f->first; i; i = i->after) {
		unsigned long long va = i->va, table = i->table, times = i->times;
		const struct pt_level *level = &target_mode_at(t, va)->format->level[i->level];

		if (times && lines++ < MOST)
			out_printf(out, "The table of %ss at %llx was shown once, at %llx; %llu more entries name it.\n",
			           level->vendor, table, va, times);
	}
	if (lines > MOST)
		out_printf(out, "%u more tables were shown once.\n", lines - MOST);
	if (f->full)
		out_puts(out, "There is no memory to remember all tables: some were left out.\n");
}
