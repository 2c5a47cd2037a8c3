/* mm/space/vma_tree.h - the VMAs of an address space as a balanced tree: lookup, neighbours and holes in O(log n) steps.
 * SPDX-License-Identifier: MIT
 *
 * An AVL tree ordered by address. The nodes are part of struct vma, so no operation allocates or fails, and none recurses.
 * aspace.vmas links the same VMAs in the same order: the neighbours of a VMA are one step away, and a walk over all VMAs reads
 * the list. Only this file pair writes vma.tree, vma.link and aspace.vma_root.
 */
#pragma once
#include "mm/space/vma.h"

/* Every missing child, and the root of an empty tree. It covers all addresses, so that a descent ends here without a test for
 * NULL in each step. */
extern const struct vma vma_nil;

void vma_tree_init(struct aspace *as);
/* Adds v to the tree of v->as, which has no VMA in [v->first, v->last]. */
void vma_tree_insert(struct vma *v);
/* fork: adds v, a copy of `from`, to the tree of v->as, which gets the shape of the original's. The copies of all VMAs are added
 * in ascending order. Costs O(1) steps on average. Before the last one (aspace.vma_partial) lookups are right, but heights and
 * holes are not, so nothing else may be added or removed and no hole be searched. */
void vma_tree_copy(struct vma *v, const struct vma *from);
void vma_tree_remove(struct vma *v);
/* v->first has changed, or the `last` of its predecessor. */
void vma_tree_moved(struct vma *v);

/* The VMA that holds va, or NULL. */
PT_INLINE struct vma *vma_tree_find(const struct aspace *as, vaddr_t va)
{
	struct vma *v = as->vma_root;

	for (;;) {
		/* The test comes again at the end of the inner loop, so that a step down takes three instructions there. */
		if (va < v->first) {
			do
				v = v->tree.child[0];
			while (va < v->first);
		}
		if (va <= v->last)
			return v == &vma_nil ? NULL : v;
		v = v->tree.child[1];
	}
}

/* The lowest VMA that holds `va` or an address above it, or NULL. */
PT_INLINE struct vma *vma_tree_from(const struct aspace *as, uint64_t va)
{
	struct vma *v = as->vma_root, *found = NULL;

	while (v != &vma_nil) {
		if (v->last < va) {
			v = v->tree.child[1];
			continue;
		}
		found = v;
		v = v->tree.child[0];
	}
	return found;
}

/* The VMA after v, or NULL. */
static inline struct vma *vma_tree_next(const struct vma *v)
{
	return v->link.next == &v->as->vmas ? NULL : container_of(v->link.next, struct vma, link);
}

/* Finds the lowest multiple of `align`, a power of two, where `len` > 0 bytes of [first, last] are free. False: there is none.
 * With align 1, or when all bounds are multiples of `align`, this takes O(log n) steps; otherwise that many for each hole of
 * at least `len` bytes that has no such multiple. */
bool vma_tree_hole(const struct aspace *as, uint64_t first, uint64_t last, uint64_t len, uint64_t align, uint64_t *out);

/* The number of nodes above v: 0 for the root. */
unsigned vma_tree_level(const struct vma *v);
/* NULL, or a phrase for the first broken invariant of the tree; *where is the VMA. */
const char *vma_tree_check(const struct aspace *as, const struct vma **where);
