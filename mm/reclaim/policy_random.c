/* mm/reclaim/policy_random.c - random: any resident page, with equal probability.
 * SPDX-License-Identifier: MIT
 *
 * Draws page numbers until one is resident. After TRIES the next resident one is used, so that the search ends if few pages of
 * many are resident. The generator starts with the same seed each time: a run can be repeated.
 */
#include "mm/reclaim/policy.h"

#define TRIES 128

static void random_add(struct replacement *r, uint32_t page)
{
	page_to_tail(r, 0, page);
}

/* Numerical Recipes' linear congruential generator; its low bits have short periods. */
static uint32_t draw(struct replacement *r)
{
	r->seed = r->seed * 1664525u + 1013904223u;
	return (r->seed >> 8) % r->pages;
}

static uint32_t random_victim(struct replacement *r)
{
	uint32_t page = draw(r);

	for (unsigned i = 1; i < TRIES && r->page[page].list == POLICY_NO_LIST; i++)
		page = draw(r);
	while (r->page[page].list == POLICY_NO_LIST)
		page = (page + 1) % r->pages;
	return page;
}

const struct policy policy_random = {
	.name = "random", .what = "any page; no accessed bits", .add = random_add, .victim = random_victim,
};
