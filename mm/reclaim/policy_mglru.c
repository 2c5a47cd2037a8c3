/* mm/reclaim/policy_mglru.c - mglru: generations of pages, as in Linux's multi-generational LRU, without its tiers.
 * SPDX-License-Identifier: MIT
 *
 * Three generations, a list each, in a ring. A loaded page joins the youngest one. A victim comes from the oldest one that
 * has pages; a page there that was used moves to the youngest instead. When only the two youngest have pages, a new generation
 * begins: one pass over the accessed bits moves the used pages into it. So the bit of a hot page is read once per generation.
 */
#include "mm/reclaim/policy.h"

#define GENERATIONS POLICY_LISTS

/* The generation that is `age` steps older than the youngest one. */
static unsigned generation(const struct replacement *r, unsigned age)
{
	return (r->youngest + GENERATIONS - age) % GENERATIONS;
}

static void mglru_add(struct replacement *r, uint32_t page)
{
	page_to_tail(r, r->youngest, page);
}

/* The oldest generation is empty. From the oldest page to the youngest. */
static void new_generation(struct replacement *r)
{
	r->youngest = (r->youngest + 1) % GENERATIONS;
	for (unsigned age = GENERATIONS; age-- > 1;) {
		uint32_t page = policy_first(r, generation(r, age));

		for (uint32_t n = r->count[generation(r, age)], next; n > 0; n--, page = next) {
			next = policy_next(r, page);
			if (page_was_accessed(r, page))
				mglru_add(r, page);
		}
	}
}

static uint32_t oldest_page(struct replacement *r)
{
	unsigned age = GENERATIONS - 1;

	while (age > 0 && !r->count[generation(r, age)])
		age--;
	return policy_first(r, generation(r, age));
}

static uint32_t mglru_victim(struct replacement *r)
{
	if (!r->count[generation(r, GENERATIONS - 1)])
		new_generation(r);
	for (uint32_t n = r->resident; n > 0; n--) {
		uint32_t page = oldest_page(r);

		if (!page_was_accessed(r, page))
			return page;
		mglru_add(r, page);
	}
	return oldest_page(r);
}

const struct policy policy_mglru = {
	.name = "mglru", .what = "generations of pages; used pages join the youngest", .add = mglru_add, .victim = mglru_victim,
};
