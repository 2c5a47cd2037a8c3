/* mm/space/fork.c - a second address space over the same frames: no data page is copied, private ones become read-only.
 * SPDX-License-Identifier: MIT
 *
 * Table by table, because a walk for each page would cost more than everything else about it: a leaf table with many private pages
 * is shared as a whole (mm/space/share.h), others are copied by rows. No CPU walks the child's tables yet.
 */
#include "mm/space/fork.h"
#include "mm/phys/table.h"
#include "mm/space/entries.h"
#include "mm/space/recording.h"
#include "mm/space/share.h"
#include "mm/space/vma.h"

struct copy {
	struct aspace *to;
	struct vma *vma;        /* the original */
	struct tlb_batch *batch;
	uint64_t decided;       /* flat: whether tables are shared has been decided for all addresses below */
	bool shares;            /* the last of these tables is */
};

/* One row of entries: the child's are the same, read-only when the range is private, and then the original's are too:
 * the first write copies. */
static void share_row(struct copy *c, uint64_t va, paddr_t pa, const char *from, paddr_t to, unsigned n)
{
	const struct pt_mode *mode = c->to->space.half[0].mode;
	unsigned bytes = mode->format->entry_bytes;
	void *shared = journal_row_space(n * bytes);
	uint32_t frame[PTE_BATCH_MAX];

	if (c->vma->flags & VMA_SHARED) {
		mode->format->frames(mode, from, n, va, frame);
		table_fill_row(to, bytes, from, n, true, "fork");
	} else {
		bool differs = mode->format->share(mode, from, shared, n, va, frame);

		table_fill_row(to, bytes, shared, n, true, "fork");
		if (differs) {
			table_store_row(pa, bytes, shared, n, "fork: read-only");
			tlb_pages(c->batch, va, n);
		}
	}
	entries_hold(c->to, counts_at(c->to, to), from, frame, n);
}

/* True if all VMAs with addresses up to `last` are such that the child's entries are what the parent's become. */
static bool may_share(const struct vma *v, uint64_t last)
{
	const struct list *end = &v->as->vmas;

	for (const struct list *l = &v->link; l != end; l = l->next) {
		v = container_of(l, struct vma, link);
		if (v->first > last)
			break;
		if (v->flags & (VMA_SHARED | VMA_LOCKED))
			return false;
	}
	return true;
}

/* Whether the leaf table of the part is shared. VMAs come in ascending order, so the first one that has addresses in a table
 * decides for the others. */
static bool decide(struct copy *c, const struct entries_part *p, err_t *err)
{
	uint64_t reach = pt_level_size(c->to->space.half[0].mode->format, 1), end = ALIGN_DOWN(p->va, reach) + reach;
	struct aspace *from = c->vma->as;
	bool changed = false;

	if (p->va < c->decided)
		return c->shares;
	c->decided = end;
	/* Pages of a recorded space are closed again after the fork, in it alone. */
	c->shares = from->recorded != RECORDED_FAULTS && may_share(c->vma, end - 1);
	if (c->shares)
		*err = share_table(from, c->to, p->va, &changed);
	/* Each translation of the table permits what its entry does. */
	c->batch->all |= changed;
	return c->shares;
}

/* Shares the leaf table of the part. False: its entries are to be copied. */
static bool shared_whole(struct copy *c, const struct entries_part *p, err_t *err)
{
	const struct frame *f = c->vma->as->counts_in_tables ? leaf_table_at(p->pa) : NULL;

	return f && f->counts.committed + f->counts.softs >= share_least && decide(c, p, err);
}

static err_t share_part(struct copy *c, const struct entries_part *p)
{
	unsigned bytes = c->to->space.half[0].mode->format->entry_bytes, i = 0, n;
	const char *from = entries_at(p->pa);
	paddr_t at;
	err_t err = OK;

	if (shared_whole(c, p, &err))
		return err;
	/* A table is made for the child only where there is something to put in it. */
	if (!from || !pte_batch(p->pa, &i, p->count))
		return OK;
	err = pt_ensure(&c->to->space, p->va, 0, NULL, &at);
	if (err != OK)
		return err;
	for (; (n = pte_batch(p->pa, &i, p->count)) > 0; i += n)
		share_row(c, p->va + (uint64_t)i * PAGE_SIZE, paddr_add(p->pa, (uint64_t)i * bytes), from + i * bytes,
		          paddr_add(at, (uint64_t)i * bytes), n);
	return OK;
}

static err_t share_pages(struct copy *c)
{
	struct entries_part p = { .next = c->vma->first };
	err_t err = OK;

	while (err == OK && entries_part(&c->vma->as->space, c->vma->last, &p))
		err = share_part(c, &p);
	return err;
}

err_t aspace_fork(struct aspace *from, struct aspace *to)
{
	struct tlb_batch batch;
	struct copy c = { .to = to, .batch = &batch };
	err_t err = OK;

	ASSERT(list_empty(&to->vmas));
	to->may_write_code = from->may_write_code;
	to->has_prototypes = from->has_prototypes;
	to->family = from->family;
	/* The child is not recorded: its entries must not be those of closed pages. */
	if (from->recorded == RECORDED_FAULTS)
		(void)pages_open(from, 0, USER_END - 1);
	tlb_begin(&batch, from);
	for (struct list *l = from->vmas.next; err == OK && l != &from->vmas; l = l->next)
		err = vma_copy(to, container_of(l, struct vma, link));
	for (struct list *l = from->vmas.next; err == OK && l != &from->vmas; l = l->next) {
		c.vma = container_of(l, struct vma, link);
		err = share_pages(&c);
	}
	tlb_finish(&batch);
	if (from->recorded == RECORDED_FAULTS)
		(void)pages_close(from, 0, USER_END - 1);
	return err;
}
