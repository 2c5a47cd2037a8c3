/* mm/space/vma_tree.c - an AVL tree of VMAs; each node stores the largest hole of its subtree.
 * SPDX-License-Identifier: MIT
 *
 * The hole of a VMA is the free space below it, down to its predecessor or to address 0. The space above the highest VMA
 * belongs to no node. So an insertion or removal changes the hole of one other VMA only: the successor's.
 */
#include "mm/space/vma_tree.h"

#define NIL ((struct vma *)(uintptr_t)&vma_nil)

/* Read-only: height and hole 0, no address below it and none above it. */
const struct vma vma_nil = { .last = (vaddr_t)-1, .tree = { .child = { NIL, NIL } } };

static struct vma *vma_of(struct list *l)
{
	return container_of(l, struct vma, link);
}

/* The first byte of the hole below v. */
static vaddr_t hole_start(const struct vma *v)
{
	return v->link.prev == &v->as->vmas ? 0 : vma_of(v->link.prev)->last + 1;
}

static vaddr_t hole_below(const struct vma *v)
{
	return v->first - hole_start(v);
}

static vaddr_t largest_hole(const struct vma *v)
{
	vaddr_t low = v->tree.child[0]->tree.hole, high = v->tree.child[1]->tree.hole, own = hole_below(v);
	vaddr_t most = low > high ? low : high;

	return most > own ? most : own;
}

static unsigned height_of(const struct vma *v)
{
	unsigned low = v->tree.child[0]->tree.height, high = v->tree.child[1]->tree.height;

	return 1 + (low > high ? low : high);
}

/* How much higher the upper subtree is than the lower one: -1 to 1 in a balanced tree. */
static int lean_of(const struct vma *v)
{
	return (int)v->tree.child[1]->tree.height - (int)v->tree.child[0]->tree.height;
}

/* Computes what v stores about its subtree from its children. */
static void recompute(struct vma *v)
{
	v->tree.height = height_of(v);
	v->tree.hole = largest_hole(v);
}

static void set_child(struct vma *v, unsigned side, struct vma *child)
{
	v->tree.child[side] = child;
	if (child != NIL)
		child->tree.parent = v;
}

/* Makes the link to `old`, its parent's or the root, lead to `new`. */
static void replace(struct vma *old, struct vma *new)
{
	struct vma *parent = old->tree.parent;

	if (parent) {
		set_child(parent, parent->tree.child[1] == old, new);
		return;
	}
	old->as->vma_root = new;
	if (new != NIL)
		new->tree.parent = NULL;
}

/* Raises the child of v on `side` to the place of v, which becomes its child. Returns the raised VMA. */
static struct vma *rotate(struct vma *v, unsigned side)
{
	struct vma *up = v->tree.child[side];

	replace(v, up);
	set_child(v, side, up->tree.child[!side]);
	set_child(up, !side, v);
	recompute(v);
	recompute(up);
	return up;
}

/* Balances the subtree of v, whose subtrees are balanced and differ in height by 2 at most. Returns its root. */
static struct vma *balance(struct vma *v)
{
	int lean = lean_of(v);
	unsigned side = lean > 0;

	if (lean >= -1 && lean <= 1)
		return v;
	/* If the inner grandchild is the higher one, one rotation would only move the difference to the other side. */
	if (lean_of(v->tree.child[side]) * lean < 0)
		rotate(v->tree.child[side], !side);
	return rotate(v, side);
}

/* Makes height, hole and balance right from v upwards. Ends at the first subtree whose root stores what was stored before:
 * nothing above it changes. */
static void update(struct vma *v)
{
	while (v) {
		unsigned height = v->tree.height;
		vaddr_t hole = v->tree.hole;

		recompute(v);
		v = balance(v);
		if (v->tree.height == height && v->tree.hole == hole)
			return;
		v = v->tree.parent;
	}
}

void vma_tree_init(struct aspace *as)
{
	as->vma_root = NIL;
	as->vma_partial = false;
	list_init(&as->vmas);
}

void vma_tree_moved(struct vma *v)
{
	update(v);
}

/* ---- adding and removing ---- */

/* Finds the VMA that becomes the parent of v, and the side; NULL: the tree is empty. A VMA above all others is common, and
 * needs no search: the highest VMA has no upper child. */
static struct vma *parent_for(const struct vma *v, unsigned *side)
{
	struct vma *parent = NULL, *at = v->as->vma_root;
	struct list *last = v->as->vmas.prev;

	*side = 1;
	if (at != NIL && vma_of(last)->first < v->first)
		return vma_of(last);
	for (; at != NIL; at = at->tree.child[*side]) {
		parent = at;
		*side = v->first > at->first;
	}
	return parent;
}

void vma_tree_insert(struct vma *v)
{
	unsigned side;
	struct vma *parent = parent_for(v, &side), *next;

	/* A new leaf is the neighbour of its parent. */
	list_insert(!parent ? &v->as->vmas : side ? parent->link.next : &parent->link, &v->link);
	v->tree = (struct vma_node){ .child = { NIL, NIL }, .parent = parent, .height = 1, .hole = hole_below(v) };
	if (!parent) {
		v->as->vma_root = v;
		return;
	}
	parent->tree.child[side] = v;
	update(parent);
	next = vma_tree_next(v);
	/* It lies above the parent, where the first update may not have come. */
	if (next && next != parent)
		update(next);
}

/* The tree is right for lookups after each copy: a copy is attached to the last VMA on its left, and moves below the copy of its
 * parent when that comes. */
void vma_tree_copy(struct vma *v, const struct vma *from)
{
	struct aspace *as = v->as;
	struct vma *before = list_empty(&as->vmas) ? NULL : vma_of(as->vmas.prev), *attach = before;
	const struct vma *low = from->tree.child[0];

	ASSERT(before ? before->first == vma_of(from->link.prev)->first : from->link.prev == &from->as->vmas);
	list_insert(&as->vmas, &v->link);
	v->tree = (struct vma_node){ .child = { NIL, NIL }, .height = from->tree.height, .hole = from->tree.hole };
	if (before && low != NIL) {
		/* The predecessor is the highest VMA of the lower subtree, whose top has been copied. */
		while (before->first != low->first)
			before = before->tree.parent;
		attach = before->tree.parent;
		set_child(v, 0, before);
	}
	v->tree.parent = attach;
	if (attach)
		attach->tree.child[1] = v;
	else
		as->vma_root = v;
	as->vma_partial = vma_tree_next(from) != NULL;
}

/* Takes v out of the tree; `next` is its successor. Returns the lowest VMA whose subtree changed, or NULL. */
static struct vma *take_out(struct vma *v, struct vma *next)
{
	struct vma *low = v->tree.child[0], *high = v->tree.child[1], *from;

	if (low == NIL || high == NIL) {
		from = v->tree.parent;
		replace(v, low == NIL ? high : low);
		return from;
	}
	/* The successor is the lowest VMA of the upper subtree. It takes the place of v, and with it the height and the hole that
	 * update() compares with: those that the VMAs above have counted. */
	from = next->tree.parent == v ? next : next->tree.parent;
	replace(next, next->tree.child[1]);
	next->tree.height = v->tree.height;
	next->tree.hole = v->tree.hole;
	set_child(next, 0, low);
	set_child(next, 1, v->tree.child[1]);
	replace(v, next);
	return from;
}

void vma_tree_remove(struct vma *v)
{
	struct vma *next = vma_tree_next(v), *from = take_out(v, next);

	list_remove(&v->link);
	update(from);
	update(next);
}

/* ---- looking up ---- */

/* The lowest VMA in the subtree of v with a hole of `len` bytes; there is one. */
static const struct vma *lowest_hole(const struct vma *v, uint64_t len)
{
	for (;;) {
		if (v->tree.child[0]->tree.hole >= len)
			v = v->tree.child[0];
		else if (hole_below(v) >= len)
			return v;
		else
			v = v->tree.child[1];
	}
}

/* The next VMA above v with a hole of `len` bytes, or NULL. */
static const struct vma *next_hole(const struct vma *v, uint64_t len)
{
	const struct vma *below;

	if (v->tree.child[1]->tree.hole >= len)
		return lowest_hole(v->tree.child[1], len);
	while ((below = v), (v = v->tree.parent)) {
		if (v->tree.child[1] == below)
			continue;
		if (hole_below(v) >= len)
			return v;
		if (v->tree.child[1]->tree.hole >= len)
			return lowest_hole(v->tree.child[1], len);
	}
	return NULL;
}

/* True if [low, high], which is free, has room: *out is the lowest place. */
static bool fits(uint64_t low, uint64_t high, uint64_t len, uint64_t align, uint64_t *out)
{
	uint64_t at = ALIGN_UP(low, align);

	if (at < low || at > high || high - at < len - 1)
		return false;
	*out = at;
	return true;
}

bool vma_tree_hole(const struct aspace *as, uint64_t first, uint64_t last, uint64_t len, uint64_t align, uint64_t *out)
{
	const struct vma *top = list_empty(&as->vmas) ? NULL : vma_of(as->vmas.prev);
	uint64_t low = first;

	for (const struct vma *v = vma_tree_from(as, first); v; v = next_hole(v, len)) {
		low = hole_start(v) > first ? hole_start(v) : first;
		if (low > last)
			return false;
		if (v->first > low && fits(low, v->first - 1 < last ? v->first - 1 : last, len, align, out))
			return true;
	}
	if (top && top->last >= last)
		return false;
	low = top && top->last >= first ? (uint64_t)top->last + 1 : first;
	return low <= last && fits(low, last, len, align, out);
}

unsigned vma_tree_level(const struct vma *v)
{
	unsigned level = 0;

	while ((v = v->tree.parent))
		level++;
	return level;
}

/* ---- checking ---- */

/* The number of children of v, in *links, and what is wrong with v, or NULL. */
static const char *check_node(const struct vma *v, uint32_t *links)
{
	const struct vma *parent = v->tree.parent;

	if (parent ? parent->tree.child[0] != v && parent->tree.child[1] != v : v->as->vma_root != v)
		return "no link of the VMA tree leads to the VMA";
	for (unsigned side = 0; side < 2; side++) {
		const struct vma *child = v->tree.child[side];

		if (child != NIL && child->tree.parent != v)
			return "a child in the VMA tree names another parent than the VMA";
		if (child->tree.height >= v->tree.height)
			return "the VMA tree stores a height that is not above a child's";
		*links += child != NIL;
	}
	/* The copies store what will be right in the end. */
	if (v->as->vma_partial)
		return NULL;
	if (v->tree.height != height_of(v))
		return "the VMA tree stores a wrong height";
	if (lean_of(v) < -1 || lean_of(v) > 1)
		return "the VMA tree is not balanced";
	return v->tree.hole != largest_hole(v) ? "the VMA tree stores a wrong hole" : NULL;
}

/* Heights are checked before lookups: they decrease with each step, so a lookup ends. */
const char *vma_tree_check(const struct aspace *as, const struct vma **where)
{
	uint32_t links = 0, count = 0;
	const char *what;

	list_for_each(l, &as->vmas) {
		*where = vma_of(l);
		what = check_node(*where, &links);
		if (what)
			return what;
		count++;
	}
	list_for_each(l, &as->vmas) {
		*where = vma_of(l);
		if (vma_tree_find(as, (*where)->first) != *where || vma_tree_find(as, (*where)->last) != *where)
			return "a lookup does not find the VMA";
	}
	if (as->ranges != count || (count ? links + 1 != count : as->vma_root != NIL))
		return "tree, list and count have different numbers of VMAs; the last one is";
	return NULL;
}
