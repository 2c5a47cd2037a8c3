/* shell/look/range_list.c - ranges in the order of their physical addresses.
 * SPDX-License-Identifier: MIT
 */
#include "shell/look/range_list.h"

bool range_list_add(void *ctx, const struct linux_range *r)
{
	struct range_list *l = ctx;

	if (l->n == l->room) {
		size_t room = 2 * l->room + 256;
		struct linux_range *more = l->target->grow(l->target->ctx, l->range, room * sizeof(*more));

		l->full = !more;
		if (!more)
			return false;
		l->range = more;
		l->room = room;
	}
	l->range[l->n++] = *r;
	return true;
}

static bool is_less(const struct linux_range *a, const struct linux_range *b)
{
	return a->pa != b->pa ? a->pa < b->pa : a->va < b->va;
}

/* Moves range i of a heap of n down to its place. */
static void sift(struct linux_range *r, size_t i, size_t n)
{
	struct linux_range moved = r[i];
	size_t child;

	while ((child = 2 * i + 1) < n) {
		child += child + 1 < n && is_less(&r[child], &r[child + 1]);
		if (!is_less(&moved, &r[child]))
			break;
		r[i] = r[child];
		i = child;
	}
	r[i] = moved;
}

/* Heapsort: no recursion, and no more memory. */
void range_list_sort(struct range_list *l)
{
	for (size_t i = l->n / 2; i-- > 0; )
		sift(l->range, i, l->n);
	for (size_t n = l->n; n > 1; n--) {
		struct linux_range largest = l->range[0];

		l->range[0] = l->range[n - 1];
		l->range[n - 1] = largest;
		sift(l->range, 0, n - 1);
	}
}

void range_list_free(struct range_list *l)
{
	if (l->range)
		(void)l->target->grow(l->target->ctx, l->range, 0);
}
