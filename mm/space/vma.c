/* mm/space/vma.c - the ranges of an address space: found, added, split, removed with their pages.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/vma.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "mm/phys/slab.h"
#include "mm/space/aspace.h"
#include "mm/space/fault.h"
#include "mm/space/mlock.h"
#include "mm/space/object.h"
#include "mm/space/pageout.h"
#include "mm/space/recording.h"
#include "mm/space/rmap.h"
#include "mm/space/share.h"
#include "mm/space/tlb.h"
#include "mm/space/vma_name.h"
#include "mm/space/vma_tree.h"
#include "mm/space/zap.h"

static struct slab_cache cache;

static struct vma *vma_of(struct list *l)
{
	return container_of(l, struct vma, link);
}

struct vma *vma_search(struct aspace *as, uint64_t va)
{
	struct vma *v = (vaddr_t)va == va ? vma_tree_find(as, (vaddr_t)va) : NULL;

	if (v)
		as->hint = v;
	return v;
}

/* The VMAs that cover a part of [first, last], in ascending order: begins with v NULL; NULL: no more. */
static struct vma *next_overlap(const struct aspace *as, uint64_t first, uint64_t last, const struct vma *v)
{
	struct vma *next = v ? vma_tree_next(v) : vma_tree_from(as, first);

	return next && next->first <= last ? next : NULL;
}

static bool is_free(struct aspace *as, uint64_t first, uint64_t last)
{
	return !next_overlap(as, first, last, NULL);
}

static pte_t leaf_of(const struct vma *v, prot_t prot)
{
	const struct pt_mode *mode = v->as->space.half[0].mode;
	prot_t state = PROT_ACCESSED | (prot & PROT_W ? PROT_DIRTY : 0);
	pte_t leaf;

	return mode->format->make_leaf(mode, 0, PADDR(0), prot | state, &leaf) == OK ? leaf : PTE(0);
}

void vma_set_prot(struct vma *v, prot_t prot)
{
	v->prot = prot;
	v->leaf[false] = leaf_of(v, prot & ~(prot_t)PROT_W);
	v->leaf[true] = leaf_of(v, prot);
	fault_fast_prepare(v);
	if (!(prot & PROT_R))
		v->as->unreadable = true;
}

bool vma_may_read(struct aspace *as, uint64_t va, uint64_t n)
{
	/* Almost every address space never had such a range. */
	if (!as->unreadable || n == 0)
		return true;
	for (struct vma *v = NULL; (v = next_overlap(as, va, va + n - 1, v)); )
		if (!(v->prot & PROT_R))
			return false;
	return true;
}

/* The caller adds it to the tree. */
static struct vma *new_vma(const struct vma *model)
{
	struct vma *v;

	if (model->as->ranges >= VMA_MAX && model->as != &kernel_aspace)
		return NULL;
	if (!cache.size)
		slab_init(&cache, "vma", sizeof(struct vma), 16, 0);
	v = slab_alloc(&cache);
	if (!v)
		return NULL;
	*v = *model;
	vma_name_share(v->name);
	v->as->ranges++;
	if (v->object)
		object_attach(v);
	if (v->backing && v->backing->open)
		v->backing->open(v);
	return v;
}

/* ---- rights: what a range may have at all ---- */

/* A shared VMA maps the object's own frames; a private one copies a frame before the first write. */
static prot_t most_of(unsigned flags, const struct backing *backing)
{
	return flags & VMA_SHARED && backing && backing->read_only ? PROT_RIGHTS & ~(prot_t)PROT_W : PROT_RIGHTS;
}

/* No frame is writable and executable for a program, at one address or at two. */
static bool is_writable_code(const struct vma *v, prot_t prot)
{
	if (!(prot & PROT_U) || v->as->may_write_code)
		return false;
	return (prot & (PROT_W | PROT_X)) == (PROT_W | PROT_X) ||
	       (v->backing && v->backing->conflicts && v->backing->conflicts(v, prot));
}

static bool may_have(const struct vma *v, prot_t prot)
{
	return !(prot & PROT_RIGHTS & ~v->most) && !is_writable_code(v, prot);
}

/* Stays when the range becomes read-only, because its pages stay (Linux: VM_ACCOUNT). */
static void charge(struct vma *v)
{
	if ((v->prot & PROT_W) && !(v->flags & (VMA_SHARED | VMA_GUARD)))
		v->flags |= VMA_CHARGED;
}

err_t vma_add(struct aspace *as, uint64_t first, uint64_t len, prot_t prot, unsigned flags,
              const struct backing *backing, void *object, uint64_t offset, const char *name, struct vma **out)
{
	uint64_t last = first + len - 1;
	struct vma model = {
		.as = as, .first = (vaddr_t)first, .last = (vaddr_t)last, .prot = prot, .flags = flags, .backing = backing,
		.object = object, .offset = offset, .most = most_of(flags, backing),
	}, *v;

	if (len == 0 || !IS_ALIGNED(first | len, (uint64_t)PAGE_SIZE) || last < first || last > UINTPTR_MAX)
		return ERR_INVALID;
	if (!is_free(as, first, last))
		return ERR_EXISTS;
	if (!may_have(&model, prot))
		return ERR_ACCESS;
	model.name = vma_name_get(name);
	vma_set_prot(&model, prot);
	charge(&model);
	v = new_vma(&model);
	vma_name_put(model.name);
	if (!v)
		return ERR_NO_MEMORY;
	vma_tree_insert(v);
	if (out)
		*out = v;
	return OK;
}

err_t vma_copy(struct aspace *to, const struct vma *v)
{
	struct vma model = *v, *copy;

	model.as = to;
	model.flags &= ~(unsigned)VMA_LOCKED;
	if (!(v->prot & PROT_R))
		to->unreadable = true;
	copy = new_vma(&model);
	if (!copy)
		return ERR_NO_MEMORY;
	vma_tree_copy(copy, v);
	return OK;
}

/* v is not in the tree any more. */
static void free_vma(struct vma *v)
{
	if (v->object)
		object_detach(v);
	if (v->backing && v->backing->close)
		v->backing->close(v);
	if (v->as->hint == v)
		v->as->hint = NULL;
	vma_name_put(v->name);
	v->as->ranges--;
	slab_free(&cache, v);
}

static void forget(struct vma *v)
{
	vma_tree_remove(v);
	free_vma(v);
}

void vma_forget_all(struct aspace *as)
{
	for (struct list *l = as->vmas.next, *next; l != &as->vmas; l = next) {
		next = l->next;
		mlock_forget(vma_of(l));
		free_vma(vma_of(l));
	}
	vma_tree_init(as);
}

/* A table was unlinked and is about to be freed: no CPU may still come to it, by its address or by the self-map's. */
static void flush_table(void *ctx, uint64_t va, unsigned level, pte_t old, pte_t new)
{
	struct aspace *as = ctx;

	(void)new;
	if (level > 1)
		leaf_table_forget(as);
	if (level == 1)
		share_keep_counts(as, pt_output(as->space.half[0].mode, 1, old, va).pa);
	if (as != current_aspace)
		return;
	arch_tlb_flush_page(va);
	if (arch_selfmap_base())
		arch_tlb_flush_page(pt_selfmap_entry(as->space.half[0].mode, arch_selfmap_base(), va, level - 1));
}

/* Frees the tables that only `v` used: they translate only addresses between its neighbours. User half only. */
static void prune(const struct vma *v)
{
	struct aspace *as = v->as;
	uint64_t reach = pt_level_size(as->space.half[0].mode->format, 1), floor = 0, ceiling = USER_END, lo, hi;

	if (as == &kernel_aspace)
		return;
	if (v->link.prev != &as->vmas)
		floor = vma_of(v->link.prev)->last + 1;
	if (v->link.next != &as->vmas)
		ceiling = vma_of(v->link.next)->first;
	lo = ALIGN_DOWN(v->first, reach) >= floor ? ALIGN_DOWN(v->first, reach) : ALIGN_UP(v->first, reach);
	hi = ALIGN_UP(v->last + 1, reach) <= ceiling ? ALIGN_UP(v->last + 1, reach) : ALIGN_DOWN(v->last + 1, reach);
	if (lo < hi)
		pt_prune(&as->space, lo, hi - lo, &(struct pt_change){ flush_table, as, "prune" });
}

void vma_remove(struct vma *v)
{
	vma_zap(v->as, v->first, v->last - v->first + 1);
	prune(v);
	mlock_forget(v);
	forget(v);
}

/* ---- parts of ranges ---- */

/* Cuts v so that a VMA begins at at, which lies inside: the upper part is new. */
static err_t split(struct vma *v, uint64_t at)
{
	struct vma model = *v, *upper;

	model.first = at;
	model.offset += at - v->first;
	upper = new_vma(&model);
	if (!upper)
		return ERR_NO_MEMORY;
	v->last = at - 1;
	vma_tree_insert(upper);
	return OK;
}

/* Undoes split(). */
static void join(struct vma *v)
{
	struct vma *upper = vma_of(v->link.next);

	v->last = upper->last;
	forget(upper);
}

/* Both or neither. */
err_t vma_split_ends(struct aspace *as, uint64_t first, uint64_t last)
{
	struct vma *lower = vma_find(as, first), *v;
	err_t err = OK;

	if (lower && lower->first == first)
		lower = NULL;
	if (lower)
		err = split(lower, first);
	if (err != OK)
		return err;
	v = vma_find(as, last);
	if (v && v->last > last)
		err = split(v, last + 1);
	if (err != OK && lower)
		join(lower);
	return err;
}

err_t vma_unmap(struct aspace *as, uint64_t first, uint64_t len)
{
	uint64_t last = first + len - 1;
	err_t err;

	if (len == 0 || !IS_ALIGNED(first | len, (uint64_t)PAGE_SIZE) || last < first)
		return ERR_INVALID;
	err = share_end_bounds(as, first, len);
	if (err == OK)
		err = vma_split_ends(as, first, last);
	if (err != OK)
		return err;
	share_leave_range(as, first, len);
	for (struct vma *v = next_overlap(as, first, last, NULL), *next; v; v = next) {
		next = next_overlap(as, first, last, v);
		vma_remove(v);
	}
	return OK;
}

bool vma_is_sealed(struct aspace *as, uint64_t first, uint64_t len)
{
	for (struct vma *v = NULL; (v = next_overlap(as, first, first + (len - 1), v)); )
		if (v->flags & VMA_SEALED)
			return true;
	return false;
}

bool vma_covers(struct aspace *as, uint64_t first, uint64_t last)
{
	for (uint64_t at = first; at <= last; ) {
		struct vma *v = vma_find(as, at);

		if (!v)
			return false;
		if (v->last >= last)
			return true;
		at = v->last + 1;
	}
	return true;
}

/* Rights that entries may have meanwhile: a write decides page by page (copy, reuse, shared), so W goes; a range
 * without any right keeps its pages, out of user mode's reach. */
static prot_t entry_rights(const struct vma *v)
{
	return v->prot & PROT_R ? v->prot & ~(prot_t)PROT_W : (v->prot & ~(prot_t)PROT_RIGHTS) | PROT_R;
}

/* A page that becomes executable: its code may still be where only loads see it. Nothing runs between the store of the
 * entry and this. */
static void code_change(void *ctx, uint64_t va, unsigned level, pte_t old, pte_t new)
{
	const struct tlb_batch *b = ctx;
	const struct pt_mode *mode = b->as->space.half[0].mode;

	if (level == 0 && mode->format->kind(mode, 0, new) == PT_LEAF && (mode->format->prot(mode, 0, new) & PROT_X))
		kmap_flush_icache(pfn_of(pt_output(mode, 0, new, va).pa));
	tlb_change(ctx, va, level, old, new);
}

err_t vma_protect_entries(struct vma *v, uint64_t first, uint64_t len)
{
	struct tlb_batch b;
	err_t err;

	tlb_begin(&b, v->as);
	err = pt_protect(&v->as->space, first, len, entry_rights(v),
	                 &(struct pt_change){ v->prot & PROT_X ? code_change : tlb_change, &b, "protect" });
	tlb_finish(&b);
	pageout_protect_entries(v, first, len);
	/* The entries have the rights of user mode again. */
	if (v->as->recorded == RECORDED_FAULTS)
		(void)pages_close(v->as, first, first + (len - 1));
	return err;
}

/* The VMAs of [first, last], which is covered and begins and ends with one: *v NULL begins. Guards have no rights. */
static bool next_inside(struct aspace *as, uint64_t first, uint64_t last, struct vma **v)
{
	struct list *l = *v ? (*v)->link.next : &vma_find(as, first)->link;

	while (l != &as->vmas && (vma_of(l)->flags & VMA_GUARD))
		l = l->next;
	*v = vma_of(l);
	return l != &as->vmas && (*v)->last <= last;
}

static void count_rights(const struct vma *v, int by)
{
	if (v->backing && v->backing->count_rights)
		v->backing->count_rights(v, by);
}

/* True if every VMA of the range can get `prot`. The present rights of these VMAs are not counted
 * meanwhile, because all of them change together. */
static bool all_may_have(struct aspace *as, uint64_t first, uint64_t last, prot_t prot)
{
	bool may = true;

	for (struct vma *v = NULL; next_inside(as, first, last, &v); )
		count_rights(v, -1);
	for (struct vma *v = NULL; may && next_inside(as, first, last, &v); )
		may = may_have(v, prot);
	for (struct vma *v = NULL; next_inside(as, first, last, &v); )
		count_rights(v, 1);
	return may;
}

static err_t set_rights(struct vma *v, prot_t prot)
{
	count_rights(v, -1);
	vma_set_prot(v, (v->prot & ~(prot_t)PROT_RIGHTS) | (prot & PROT_RIGHTS));
	charge(v);
	count_rights(v, 1);
	return vma_protect_entries(v, v->first, (uint64_t)v->last - v->first + 1);
}

err_t vma_protect(struct aspace *as, uint64_t first, uint64_t len, prot_t prot)
{
	uint64_t last = first + len - 1;
	err_t err;

	if (len == 0 || !IS_ALIGNED(first | len, (uint64_t)PAGE_SIZE) || last < first)
		return ERR_INVALID;
	if (!vma_covers(as, first, last))
		return ERR_NOT_FOUND;
	err = share_end_range(as, first, len);
	if (err == OK)
		err = vma_split_ends(as, first, last);
	if (err == OK && !all_may_have(as, first, last, prot))
		err = ERR_ACCESS;
	for (struct vma *v = NULL; err == OK && next_inside(as, first, last, &v); )
		err = set_rights(v, prot);
	return err;
}

err_t vma_find_hole(struct aspace *as, uint64_t first, uint64_t last, uint64_t len, uint64_t *out)
{
	if (len == 0 || !IS_ALIGNED(len, (uint64_t)PAGE_SIZE))
		return ERR_INVALID;
	return vma_tree_hole(as, first, last, len, PAGE_SIZE, out) ? OK : ERR_NO_MEMORY;
}

/* ---- stacks ---- */

struct vma *vma_grow(struct aspace *as, uint64_t va)
{
	uint64_t page = ALIGN_DOWN(va, (uint64_t)PAGE_SIZE);

	struct vma *v = vma_tree_from(as, va), *below;

	/* Only the VMA right above it, and never up to its neighbour: one page stays between them. */
	if (!v || v->first <= va || !(v->flags & VMA_GROWS_DOWN) || v->last - page >= VMA_STACK_LIMIT || page < PAGE_SIZE)
		return NULL;
	below = v->link.prev == &as->vmas ? NULL : vma_of(v->link.prev);
	if ((below && below->last >= page - PAGE_SIZE) || !mlock_grow(v, (v->first - page) >> PAGE_SHIFT))
		return NULL;
	v->offset -= v->first - page;
	v->first = page;
	vma_tree_moved(v);
	return v;
}

/* ---- counting ---- */

static bool count_leaf(void *ctx, const struct pt_visit_entry *e)
{
	*(uint64_t *)ctx += frame_commits(pfn_of(e->pa));
	return true;
}

uint64_t vma_committed(const struct vma *v)
{
	uint64_t pages = 0;

	if (pt_visit(&v->as->space, v->first, v->last, PT_VISIT_LEAF, count_leaf, &pages) != OK)
		return pages;
	return pages;
}
