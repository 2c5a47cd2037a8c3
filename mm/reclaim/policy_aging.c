/* mm/reclaim/policy_aging.c - aging: a counter per page approximates the frequency of recent use.
 * SPDX-License-Identifier: MIT
 *
 * Each tick shifts the counter right and puts the accessed bit into bit 15. The page with the smallest counter leaves; among
 * equals the one that was loaded first. A page that was not used for 16 ticks has 0.
 */
#include "mm/reclaim/policy.h"

#define NEWEST 0x8000u

static void aging_add(struct replacement *r, uint32_t page)
{
	r->page[page].age = NEWEST;
	page_to_tail(r, 0, page);
}

static void aging_tick(struct replacement *r)
{
	for (uint32_t page = policy_first(r, 0); page != POLICY_NIL; page = policy_next(r, page)) {
		struct policy_page *p = &r->page[page];

		p->age = (uint16_t)(p->age >> 1 | (page_was_accessed(r, page) ? NEWEST : 0));
	}
}

static uint32_t aging_victim(struct replacement *r)
{
	uint32_t best = policy_first(r, 0);

	for (uint32_t page = best; page != POLICY_NIL && r->page[best].age; page = policy_next(r, page))
		if (r->page[page].age < r->page[best].age)
			best = page;
	return best;
}

const struct policy policy_aging = {
	.name = "aging", .what = "a counter per page: half at each tick, plus the accessed bit", .add = aging_add,
	.tick = aging_tick, .victim = aging_victim,
};
