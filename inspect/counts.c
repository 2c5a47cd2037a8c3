/* inspect/counts.c - how many tables, pages and other entries each level has.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/linux.h"

struct level_counts { uint64_t tables, pages, bytes, swapped, bad; };

struct counts { struct level_counts of[PT_MAX_LEVELS]; };

static bool count(void *ctx, const struct pt_visit_entry *e)
{
	struct counts *c = ctx;
	struct level_counts *l = &c->of[e->level];

	l->pages += e->kind == PT_LEAF;
	l->bytes += e->kind == PT_LEAF ? e->size : 0;
	l->swapped += e->kind == PT_SOFT;
	l->bad += e->kind == PT_BAD;
	if (e->kind == PT_TABLE)
		c->of[e->level - 1].tables++;
	return true;
}

bool linux_put_counts(struct out *out, const struct target *t, uint64_t first, uint64_t last)
{
	struct pt_space space = target_space(t);
	/* The halves can have different granules, and so numbers of levels: the deeper one names them. */
	const struct pt_mode *deeper = t->mode;
	struct counts c = { 0 };
	err_t err = pt_visit(&space, first, last, PT_VISIT_LEAF | PT_VISIT_TABLE | PT_VISIT_SOFT | PT_VISIT_BAD, count, &c);

	/* No entry points to a root. */
	c.of[t->mode->levels - 1].tables++;
	if (t->upper) {
		deeper = t->upper->mode->levels > deeper->levels ? t->upper->mode : deeper;
		c.of[t->upper->mode->levels - 1].tables++;
	}
	out_puts(out, "level     tables      pages    KiB mapped   software        bad\n");
	for (unsigned i = deeper->levels; i-- > 0; )
		out_printf(out, "%-5s %10llu %10llu %13llu %10llu %10llu\n", deeper->format->level[i].vendor,
		           (unsigned long long)c.of[i].tables, (unsigned long long)c.of[i].pages,
		           (unsigned long long)(c.of[i].bytes >> 10),
		           (unsigned long long)c.of[i].swapped, (unsigned long long)c.of[i].bad);
	if (err)
		out_printf(out, "Some tables were not read: %s.\n", err_text(err));
	return err == OK;
}
