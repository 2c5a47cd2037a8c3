/* mm/fork.c - a second address space over the same frames: no data page is copied, private ones become read-only.
 * SPDX-License-Identifier: MIT
 *
 * Table by table, because a walk for each page would cost more than everything else about it. The child's tables are in
 * use nowhere yet: its entries are plain stores, and not in the journal.
 */
#include "mm/direct.h"
#include "mm/mm.h"
#include "mm/rmap.h"
#include "mm/tlb.h"

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

static void store_child(paddr_t at, unsigned bytes, pte_t entry)
{
	arch_entry_store(phys_to_virt(at), bytes, 0, entry.v);
}

/* Gives the child the same leaf, read-only when the range is private: whoever writes first, copies. */
static void share_leaf(struct copy *c, uint64_t va, paddr_t from, pte_t entry, paddr_t to)
{
	const struct pt_mode *mode = c->to->space.mode;
	const struct pt_format *f = mode->format;
	pte_t shared = c->vma->flags & VMA_SHARED ? entry : f->write_protect(mode, 0, entry);
	const struct frame *frame;
	pfn_t pfn;

	if (!f->page(mode, entry, va, &pfn))
		return;
	frame = frame_at(pfn);

	if (shared.v != entry.v) {
		mm_env.store(NULL, from, f->entry_bytes, entry, shared, "fork: read-only");
		tlb_change(c->batch, va, 0, entry, shared);
	}
	store_child(to, f->entry_bytes, shared);
	if (!frame || frame->refs == 0)
		return;
	frame_get(pfn);
	rmap_add(c->to, va, pfn);
}

static err_t share_part(struct copy *c, const struct part *p)
{
	const struct pt_mode *mode = c->to->space.mode;
	unsigned bytes = mode->format->entry_bytes, i = 0;
	paddr_t to;
	err_t err;

	/* A table is made for the child only where there is something to put in it. */
	i = pt_skip_empty(&mm_env, p->from, bytes, 0, p->count);
	if (i == p->count)
		return OK;
	err = pt_ensure(&c->to->space, p->va, 0, NULL, &to);
	for (; err == OK && i < p->count; i = pt_skip_empty(&mm_env, p->from, bytes, i + 1, p->count)) {
		paddr_t from = paddr_add(p->from, (uint64_t)i * bytes);
		pte_t entry;

		err = pt_read(&mm_env, from, bytes, &entry);
		if (err == OK)
			share_leaf(c, p->va + (uint64_t)i * PAGE_SIZE, from, entry, paddr_add(to, (uint64_t)i * bytes));
	}
	return err;
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
