/* mm/fork.c - a second address space over the same frames: no data page is copied, private ones become read-only.
 * SPDX-License-Identifier: MIT
 *
 * Table by table, because a walk for each page would cost more than everything else about it, and in each by rows. The
 * child's tables are in use nowhere yet: its entries are plain stores, and not in the journal.
 */
#include "kernel/string.h"
#include "mm/entries.h"

struct copy {
	struct aspace *to;
	struct vma *vma;        /* the original */
	struct tlb_batch *batch;
};

/* What one level-0 table contributes: count entries from va's on. */
struct part {
	uint64_t va;
	paddr_t from;           /* the entry of va in the original's table */
	unsigned count;
};

/* One row of entries: the child's are the same, read-only when the range is private, and then the original's are too:
 * whoever writes first, copies. */
static void share_row(struct copy *c, uint64_t va, paddr_t pa, char *from, char *to, unsigned n)
{
	const struct pt_mode *mode = c->to->space.mode;
	uint32_t frame[ENTRIES_MOST];

	if (c->vma->flags & VMA_SHARED) {
		mode->format->frames(mode, from, n, va, frame);
		memcpy(to, from, (size_t)n * mode->format->entry_bytes);
	} else {
		mode->format->share(mode, from, to, n, va, frame);
		if (entries_store(pa, from, to, n, "fork: read-only"))
			tlb_pages(c->batch, va, n);
	}
	entries_hold(c->to, frame, n);
}

static err_t share_part(struct copy *c, const struct part *p)
{
	unsigned bytes = c->to->space.mode->format->entry_bytes, i = 0, n;
	char *from = entries_at(p->from), *to;
	paddr_t at;
	err_t err;

	/* A table is made for the child only where there is something to put in it. */
	if (!from || !entries_row(p->from, &i, p->count))
		return OK;
	err = pt_ensure(&c->to->space, p->va, 0, NULL, &at);
	if (err != OK)
		return err;
	to = entries_at(at);
	for (; (n = entries_row(p->from, &i, p->count)) > 0; i += n)
		share_row(c, p->va + (uint64_t)i * PAGE_SIZE, paddr_add(p->from, (uint64_t)i * bytes), from + i * bytes,
		          to + i * bytes, n);
	return OK;
}

/* Goes through the range in strides of what one level-0 table covers. */
static err_t share_pages(struct copy *c)
{
	const struct vma *v = c->vma;
	const struct pt_format *f = v->as->space.mode->format;
	uint64_t reach = pt_level_size(f, 1), next;
	err_t err = OK;

	for (uint64_t va = v->first; err == OK && va <= v->last; va = next) {
		struct part p = { .va = va };
		unsigned level = 0;
		pte_t entry;

		next = ALIGN_DOWN(va, reach) + reach;
		err = pt_slot(&v->as->space, va, &level, &p.from, &entry);
		p.count = (unsigned)(((next - 1 < v->last ? next - 1 : v->last) - va) / PAGE_SIZE + 1);
		if (err == OK && level == 0)
			err = share_part(c, &p);
	}
	return err;
}

static err_t copy_range(struct copy *c)
{
	struct vma *v = c->vma;
	err_t err = vma_add(c->to, v->first, v->last - v->first + 1, v->prot, v->flags, v->backing, v->object, v->offset,
	                    v->name, NULL);

	return err == OK ? share_pages(c) : err;
}

err_t aspace_fork(struct aspace *from, struct aspace *to)
{
	struct tlb_batch batch;
	struct copy c = { .to = to, .batch = &batch };
	err_t err = OK;

	ASSERT(list_empty(&to->vmas));
	tlb_begin(&batch, from);
	for (struct list *l = from->vmas.next; err == OK && l != &from->vmas; l = l->next) {
		c.vma = container_of(l, struct vma, link);
		err = copy_range(&c);
	}
	tlb_finish(&batch);
	return err;
}
