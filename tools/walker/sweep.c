/* tools/walker/sweep.c - every address of an image that can be a root.
 * SPDX-License-Identifier: MIT
 */
#include "tools/walker/sweep.h"

enum { WIDE = 8 };

bool sweep_has(const struct session *s, uint64_t pa, uint64_t size)
{
	const struct image_run *r = image_run_at(s->image, pa);
	uint64_t offset = r ? r->offset + (pa - r->pa) : 0;

	return r && r->size - (pa - r->pa) >= size && image_next_data(s->image, offset) == offset;
}

/* Nearly all addresses fail at one of the first entries. */
static bool may_be_root(struct session *s, const struct pt_mode *mode, uint64_t root)
{
	const struct pt_format *f = mode->format;
	unsigned top = mode->levels - 1u, tables = 0, used[2] = { 0 };

	for (unsigned i = 0; i < pt_root_entries(mode); i++) {
		struct pt_output table;
		pte_t pte;

		if (pt_read(&s->env, PADDR(root + (uint64_t)i * f->entry_bytes), f->entry_bytes, &pte) != OK)
			return false;
		used[i & 1] += pte.v != 0;
		switch (f->kind(mode, top, pte)) {
		case PT_BAD:
			return false;
		case PT_TABLE:
			table = pt_output(mode, top, pte, 0);
			if (!sweep_has(s, table.pa.v, table.size))
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

void sweep_roots(struct session *s, const struct pt_mode *mode, void (*fn)(void *ctx, uint64_t root), void *ctx)
{
	struct image *m = s->image;
	unsigned step = pt_root_bytes(mode);

	for (size_t i = 0; i < m->runs; i++) {
		const struct image_run r = m->run[i];
		uint64_t at = (r.pa + step - 1) / step * step;

		for (; at - r.pa < r.size && r.size - (at - r.pa) >= step; at += step) {
			uint64_t offset = r.offset + (at - r.pa), hole = image_next_data(m, offset) - offset;

			/* A table of which a part is in a hole can be a root; the whole tables before it cannot. */
			if (hole >= step)
				at += hole / step * step - step;
			else if (may_be_root(s, mode, at))
				fn(ctx, at);
		}
	}
}
