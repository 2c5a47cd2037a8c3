/* mm/reclaim/policy_mglru.c - mglru: generations of pages, as in Linux's multi-generational LRU, without its tiers.
 * SPDX-License-Identifier: MIT
 *
 * Up to four generations; generation n is list n % 4. A loaded page joins the youngest one. A victim comes from the oldest one;
 * a page there that was used moves to the youngest instead. When only the youngest has pages, a new generation begins: one pass
 * over the accessed bits moves the used pages into it. So accessed bits of hot pages are read once per generation.
 */
#include "mm/reclaim/policy.h"

static unsigned list_of_generation(uint32_t generation)
{
	return generation % POLICY_LISTS;
}

static void mglru_add(struct replacement *r, uint32_t page)
{
	page_to_tail(r, list_of_generation(r->youngest), page);
}

/* Makes room for a new generation: the pages of the oldest one, in their order, become the oldest of the next one. */
static void merge_oldest(struct replacement *r)
{
	struct policy_list *oldest = &r->list[list_of_generation(r->youngest + 1)];

	while (oldest->tail != POLICY_NIL)
		page_to_head(r, list_of_generation(r->youngest + 2), oldest->tail);
}

static void new_generation(struct replacement *r)
{
	merge_oldest(r);
	r->youngest++;
	for (unsigned i = 1; i < POLICY_LISTS; i++) {
		struct policy_list *l = &r->list[list_of_generation(r->youngest + i)];
		uint32_t page = l->head;

		for (uint32_t n = l->count, next; n > 0; n--, page = next) {
			next = r->page[page].next;
			if (page_was_accessed(r, page))
				mglru_add(r, page);
		}
	}
}

/* The oldest generation that has pages. */
static uint32_t oldest_generation(const struct replacement *r)
{
	uint32_t generation = r->youngest + 1;

	while (generation != r->youngest + POLICY_LISTS && r->list[list_of_generation(generation)].head == POLICY_NIL)
		generation++;
	return generation;
}

static uint32_t mglru_victim(struct replacement *r)
{
	if (oldest_generation(r) == r->youngest + POLICY_LISTS)
		new_generation(r);
	for (uint32_t n = r->resident; n > 0; n--) {
		uint32_t page = r->list[list_of_generation(oldest_generation(r))].head;

		if (!page_was_accessed(r, page))
			return page;
		mglru_add(r, page);
	}
	return r->list[list_of_generation(oldest_generation(r))].head;
}

const struct policy policy_mglru = {
	.name = "mglru", .what = "generations of pages; used pages join the youngest", .add = mglru_add, .victim = mglru_victim,
};
