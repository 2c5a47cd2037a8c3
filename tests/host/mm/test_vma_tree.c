/* tests/host/mm/test_vma_tree.c - the tree of VMAs against an array of pages: lookups, neighbours, holes, balance.
 * SPDX-License-Identifier: MIT
 *
 * verify() computes heights and holes itself, by recursion; vma_tree_check() is compared with it, and with planted errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "mm/space/vma_tree.h"

#define PAGES 512                 /* of the model */
#define STEPS 500000              /* at each of the two ends of the address space */
#define LARGE 65536

static struct aspace as;
static struct vma *owner[PAGES];  /* the model: the VMA of each page, or NULL */
static uint64_t base;             /* address of page 0 */

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

/* xorshift32 (Marsaglia 2003, triple 13 17 5). */
static unsigned below(unsigned n)
{
	static uint32_t state = 1;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % n;
}

static uint64_t va_of(unsigned page) { return base + (uint64_t)page * PAGE_SIZE; }
static unsigned page_of(uint64_t va) { return (unsigned)((va - base) / PAGE_SIZE); }

static struct vma *new_vma(struct aspace *to, uint64_t first, uint64_t last)
{
	struct vma *v = calloc(1, sizeof(*v));

	assert_non_null(v);
	v->as = to;
	v->first = (vaddr_t)first;
	v->last = (vaddr_t)last;
	to->ranges++;
	return v;
}

static void drop(struct vma *v)
{
	vma_tree_remove(v);
	v->as->ranges--;
	free(v);
}

static void clear(struct aspace *which)
{
	while (which->vma_root != &vma_nil)
		drop(which->vma_root);
	assert_true(list_empty(&which->vmas));
	assert_int_equal(which->ranges, 0);
}

static void begin(struct aspace *which)
{
	*which = (struct aspace){ .ranges = 0 };
	vma_tree_init(which);
}

/* ---- what a tree must be ---- */

struct shape { unsigned height, nodes; uint64_t end, hole; };     /* end: 1 above the highest byte so far */

static void verify_below(const struct vma *v, const struct vma *parent, struct shape *s)
{
	struct shape high;
	uint64_t own;

	*s = (struct shape){ .end = s->end };
	if (v == &vma_nil)
		return;
	assert_ptr_equal(v->tree.parent, parent);
	verify_below(v->tree.child[0], v, s);
	assert_true(v->first >= s->end && v->last >= v->first);
	own = v->first - s->end;
	high = (struct shape){ .end = (uint64_t)v->last + 1 };
	verify_below(v->tree.child[1], v, &high);
	assert_in_range(s->height + 1, high.height, high.height + 2);
	s->height = 1 + (s->height > high.height ? s->height : high.height);
	s->hole = s->hole > high.hole ? s->hole : high.hole;
	s->hole = s->hole > own ? s->hole : own;
	s->nodes += high.nodes + 1;
	s->end = high.end;
	assert_int_equal(v->tree.height, s->height);
	assert_int_equal(v->tree.hole, s->hole);
}

static unsigned verify(const struct aspace *which)
{
	struct shape s = { .end = 0 };
	const struct vma *where = NULL, *before = NULL;

	verify_below(which->vma_root, NULL, &s);
	assert_int_equal(s.nodes, which->ranges);
	assert_null(vma_tree_check(which, &where));
	list_for_each(l, &which->vmas) {
		const struct vma *v = container_of(l, struct vma, link);

		assert_true(!before || before->last < v->first);
		assert_true(!before || vma_tree_next(before) == v);
		before = v;
	}
	assert_true(!before || !vma_tree_next(before));
	return s.height;
}

/* ---- random operations ---- */

static struct vma *model_from(unsigned page)
{
	while (page < PAGES && !owner[page])
		page++;
	return page < PAGES ? owner[page] : NULL;
}

static void own(unsigned page, unsigned n, struct vma *v)
{
	for (unsigned i = 0; i < n; i++)
		owner[page + i] = v;
}

static bool all_free(unsigned page, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (page + i >= PAGES || owner[page + i])
			return false;
	return true;
}

static void do_insert(void)
{
	unsigned page = below(PAGES), n = 1 + below(below(20) ? 4 : 64);
	struct vma *v;

	if (!all_free(page, n))
		return;
	v = new_vma(&as, va_of(page), va_of(page) + (uint64_t)n * PAGE_SIZE - 1);
	vma_tree_insert(v);
	own(page, n, v);
}

static void do_remove(void)
{
	struct vma *v = owner[below(PAGES)];

	if (!v)
		return;
	own(page_of(v->first), page_of(v->last) - page_of(v->first) + 1, NULL);
	drop(v);
}

/* A VMA begins or ends at another page than before: stacks grow, splits cut. */
static void do_move(void)
{
	struct vma *v = owner[below(PAGES)], *next;
	unsigned n = 1 + below(3), first, last;

	if (!v)
		return;
	first = page_of(v->first);
	last = page_of(v->last);
	own(first, last - first + 1, NULL);
	switch (below(4)) {
	case 0: first -= first >= n && all_free(first - n, n) ? n : 0; break;
	case 1: first += last - first > n ? n : 0; break;
	case 2: last += all_free(last + 1, n) ? n : 0; break;
	default: last -= last - first > n ? n : 0; break;
	}
	own(first, last - first + 1, v);
	next = vma_tree_next(v);
	v->first = (vaddr_t)va_of(first);
	v->last = (vaddr_t)(va_of(last) + PAGE_SIZE - 1);
	vma_tree_moved(v);
	if (next)
		vma_tree_moved(next);
}

static void look(void)
{
	unsigned page = below(PAGES);
	uint64_t va = va_of(page) + below(PAGE_SIZE);
	struct vma *v = vma_tree_find(&as, (vaddr_t)va);

	assert_ptr_equal(v, owner[page]);
	assert_ptr_equal(vma_tree_from(&as, va), model_from(page));
	if (v)
		assert_ptr_equal(vma_tree_next(v), model_from(page_of(v->last) + 1));
}

/* The lowest place by trial of every page. False: there is none. */
static bool model_hole(uint64_t first, uint64_t last, uint64_t len, uint64_t align, uint64_t *out)
{
	uint64_t start = first, at;

	for (unsigned page = page_of(first); page < PAGES && va_of(page) <= last; page++) {
		uint64_t end = va_of(page) + PAGE_SIZE - 1 < last ? va_of(page) + PAGE_SIZE - 1 : last;

		if (owner[page]) {
			start = va_of(page) + PAGE_SIZE;
			continue;
		}
		at = (start + align - 1) / align * align;
		if (at >= start && at <= end && end - at >= len - 1) {
			*out = at;
			return true;
		}
	}
	return false;
}

static void look_for_hole(void)
{
	unsigned low = below(PAGES), high = below(4) ? PAGES - 1 : low + below(PAGES - low);
	uint64_t first = va_of(low), last = va_of(high) + PAGE_SIZE - 1, want = 0, is = 0;
	uint64_t len = (uint64_t)(1 + below(below(4) ? 8 : 80)) * PAGE_SIZE;
	uint64_t align = (uint64_t)PAGE_SIZE << (below(4) ? 0 : below(7));
	bool found;

	if (below(8) == 0) {
		first += below(PAGE_SIZE);
		last -= below(PAGE_SIZE);
		len -= below(PAGE_SIZE);
	}
	if (first > last)
		return;
	found = vma_tree_hole(&as, first, last, len, align, &is);
	assert_int_equal(found, model_hole(first, last, len, align, &want));
	if (found)
		assert_int_equal(is, want);
}

static void live_at(uint64_t where)
{
	unsigned growth = 50;

	base = where;
	begin(&as);
	for (unsigned i = 0; i < STEPS; i++) {
		unsigned op = below(100);

		/* The tree fills and becomes empty again and again. */
		if (i % 4096 == 0)
			growth = 10 + below(80);
		if (op < 10)
			do_move();
		else if (below(100) < growth)
			do_insert();
		else
			do_remove();
		look();
		look_for_hole();
		if (i % 32 == 0)
			verify(&as);
	}
	clear(&as);
	memset(owner, 0, sizeof(owner));
}

static void test_a_million_operations(void **state)
{
	(void)state;
	live_at(0);
	live_at((uint64_t)0 - (uint64_t)PAGES * PAGE_SIZE);
}

/* ---- 65,536 VMAs ---- */

static unsigned order[LARGE];

/* Every second page. */
static void insert_nth(unsigned n)
{
	uint64_t first = (uint64_t)(2 * n + 1) * PAGE_SIZE;

	vma_tree_insert(new_vma(&as, first, first + PAGE_SIZE - 1));
}

static void shuffle(void)
{
	for (unsigned i = 0; i < LARGE; i++) {
		unsigned k = below(i + 1);

		order[i] = order[k];
		order[k] = i;
	}
}

static void ascending(void) { for (unsigned i = 0; i < LARGE; i++) order[i] = i; }
static void descending(void) { for (unsigned i = 0; i < LARGE; i++) order[i] = LARGE - 1 - i; }
static void from_both_ends(void) { for (unsigned i = 0; i < LARGE; i++) order[i] = i % 2 ? LARGE - 1 - i / 2 : i / 2; }

/* An AVL tree of height h has at least fib(h + 2) - 1 nodes (Knuth, volume 3, 6.2.3, theorem A). */
static bool is_low_enough(unsigned height, unsigned nodes)
{
	unsigned long a = 0, b = 1;       /* fewest nodes of heights h - 1 and h */

	for (unsigned h = 1; h < height; h++) {
		unsigned long next = a + b + 1;

		a = b;
		b = next;
	}
	return b <= nodes;
}

static void find_all(void)
{
	uint64_t at;

	for (unsigned i = 0; i < LARGE; i++) {
		const struct vma *v = vma_tree_find(&as, (vaddr_t)(2 * i + 1) * PAGE_SIZE);

		assert_true(v && v->first == (vaddr_t)(2 * i + 1) * PAGE_SIZE);
		assert_null(vma_tree_find(&as, (vaddr_t)(2 * i) * PAGE_SIZE));
		assert_true(vma_tree_hole(&as, v->first, UINT32_MAX, PAGE_SIZE, PAGE_SIZE, &at));
		assert_int_equal(at, (uint64_t)v->last + 1);
	}
	assert_true(vma_tree_hole(&as, 0, UINT32_MAX, 2 * PAGE_SIZE, PAGE_SIZE, &at));
	assert_int_equal(at, (uint64_t)2 * LARGE * PAGE_SIZE);
	assert_false(vma_tree_hole(&as, 0, at - 1, 2 * PAGE_SIZE, PAGE_SIZE, &at));
}

static void test_65536_vmas(void **state)
{
	static void (*const orders[])(void) = { ascending, descending, from_both_ends, shuffle };

	(void)state;
	for (unsigned o = 0; o < ARRAY_LEN(orders); o++) {
		begin(&as);
		orders[o]();
		for (unsigned i = 0; i < LARGE; i++)
			insert_nth(order[i]);
		assert_true(is_low_enough(verify(&as), LARGE));
		find_all();
		/* Half of them goes, in another order; the holes become larger. */
		shuffle();
		for (unsigned i = 0; i < LARGE / 2; i++)
			drop(vma_tree_find(&as, (vaddr_t)(2 * order[i] + 1) * PAGE_SIZE));
		assert_true(is_low_enough(verify(&as), LARGE / 2));
		clear(&as);
	}
}

/* ---- copies ---- */

static void same_shape(const struct vma *a, const struct vma *b)
{
	assert_int_equal(a == &vma_nil, b == &vma_nil);
	if (a == &vma_nil)
		return;
	assert_ptr_not_equal(a, b);
	assert_int_equal(a->first, b->first);
	assert_int_equal(vma_tree_level(a), vma_tree_level(b));
	same_shape(a->tree.child[0], b->tree.child[0]);
	same_shape(a->tree.child[1], b->tree.child[1]);
}

static void copy_all(struct aspace *to, unsigned most)
{
	begin(to);
	list_for_each(l, &as.vmas) {
		const struct vma *from = container_of(l, struct vma, link);

		if (to->ranges == most)
			return;
		vma_tree_copy(new_vma(to, from->first, from->last), from);
	}
}

/* A fork that ends early: what has been copied is found. */
static void check_part(struct aspace *which)
{
	const struct vma *where = NULL;

	assert_null(vma_tree_check(which, &where));
	for (unsigned page = 0; page < PAGES; page++) {
		const struct vma *v = vma_tree_find(which, (vaddr_t)va_of(page));
		struct list *last = which->vmas.prev;
		bool copied = last != &which->vmas && va_of(page) <= container_of(last, struct vma, link)->last;

		assert_int_equal(v != NULL, owner[page] && copied);
		assert_true(!v || v->first == owner[page]->first);
	}
}

static void free_list(struct aspace *which)
{
	for (struct list *l = which->vmas.next, *next; l != &which->vmas; l = next) {
		next = l->next;
		free(container_of(l, struct vma, link));
	}
}

static void test_copies_have_the_same_shape(void **state)
{
	struct aspace to;

	(void)state;
	base = 0;
	begin(&as);
	for (unsigned i = 0; i < 3000; i++) {
		if (below(100) < (i / 500 % 2 ? 30u : 70u))
			do_insert();
		else
			do_remove();
		copy_all(&to, UINT32_MAX);
		same_shape(as.vma_root, to.vma_root);
		verify(&to);
		clear(&to);
		copy_all(&to, below(1 + as.ranges));
		check_part(&to);
		free_list(&to);
	}
	verify(&as);
	clear(&as);
	memset(owner, 0, sizeof(owner));
}

/* ---- planted errors ---- */

static void expect_complaint(void)
{
	const struct vma *where = NULL;

	assert_non_null(vma_tree_check(&as, &where));
	assert_non_null(where);
}

static void damage(struct vma *v)
{
	struct vma_node was = v->tree;
	struct vma *other = v == as.vma_root ? was.child[0] : as.vma_root;

	v->tree.height++;
	expect_complaint();
	v->tree.height = was.height;
	v->tree.hole += PAGE_SIZE;
	expect_complaint();
	v->tree.hole = was.hole;
	v->tree.parent = was.parent ? NULL : other;
	expect_complaint();
	v->tree = was;
	if (was.child[0] == was.child[1])
		return;
	v->tree.child[0] = was.child[1];
	v->tree.child[1] = was.child[0];
	expect_complaint();
	v->tree = was;
}

static void test_errors_are_found(void **state)
{
	const struct vma *where = NULL;
	struct vma *lost;

	(void)state;
	begin(&as);
	for (unsigned i = 0; i < 40; i++)
		insert_nth(i * 7 % 40);
	list_for_each(l, &as.vmas)
		damage(container_of(l, struct vma, link));
	assert_null(vma_tree_check(&as, &where));
	/* In the tree, not in the list, and the other way around. */
	lost = as.vma_root->tree.child[0];
	list_remove(&lost->link);
	expect_complaint();
	list_insert(&vma_tree_from(&as, lost->last + 1)->link, &lost->link);
	assert_null(vma_tree_check(&as, &where));
	as.vma_root = as.vma_root->tree.child[0];
	expect_complaint();
	as.vma_root = as.vma_root->tree.parent;
	clear(&as);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_million_operations), cmocka_unit_test(test_65536_vmas),
		cmocka_unit_test(test_copies_have_the_same_shape), cmocka_unit_test(test_errors_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
