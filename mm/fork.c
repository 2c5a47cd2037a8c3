/* mm/fork.c - a second address space over the same frames: no data page is copied, private ones become read-only.
 * SPDX-License-Identifier: MIT
 */
#include "mm/mm.h"
#include "mm/rmap.h"
#include "mm/tlb.h"

struct copy {
	struct aspace *to;
	struct vma *vma;        /* the original */
	struct tlb_batch *batch;
	err_t err;
};

/* Gives the child the same leaf, read-only when the range is private: whoever writes first, copies. */
static bool share_leaf(void *ctx, const struct pt_visit_entry *e)
{
	struct copy *c = ctx;
	const struct pt_mode *mode = c->to->space.mode;
	bool private = !(c->vma->flags & VMA_SHARED);
	pte_t entry = e->entry;
	pfn_t pfn = pfn_of(e->pa);
	prot_t own = mode->format->prot(mode, 0, entry);

	if (private && (own & PROT_W)) {
		c->err = mode->format->make_leaf(mode, 0, e->pa, (own & ~(prot_t)PROT_W) | PROT_COW, &entry);
		if (c->err != OK)
			return false;
		mm_env.store(NULL, e->entry_pa, mode->format->entry_bytes, e->entry, entry, "fork: read-only");
		tlb_change(c->batch, e->va, 0, e->entry, entry);
	}
	c->err = pt_set(&c->to->space, e->va, entry, &(struct pt_change){ .why = "fork" });
	if (c->err != OK)
		return false;
	if (frame_at(pfn) && frame_at(pfn)->refs) {
		frame_get(pfn);
		rmap_add(c->to, e->va, pfn);
	}
	return true;
}

static err_t copy_range(struct copy *c)
{
	struct vma *v = c->vma;
	err_t err = vma_add(c->to, v->first, v->last - v->first + 1, v->prot, v->flags, v->backing, v->object, v->offset,
	                    v->name, NULL);

	if (err == OK)
		err = pt_visit(&v->as->space, v->first, v->last, PT_VISIT_LEAF, share_leaf, c);
	return err == OK ? c->err : err;
}

err_t aspace_fork(struct aspace *from, struct aspace *to)
{
	struct tlb_batch batch;
	struct copy c = { .to = to, .batch = &batch, .err = OK };
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
