/* mm/reclaim/policy_lru.c - lru: the page whose last use is the longest time ago.
 * SPDX-License-Identifier: MIT
 *
 * List 0 is in the order of last use. Where each access is seen (simulator) the order is exact. With accessed bits, the uses
 * between two ticks have no order: pages that were used move to the tail at the tick, in the order that they had.
 */
#include "mm/reclaim/policy.h"

static void lru_move(struct replacement *r, uint32_t page)
{
	page_to_tail(r, 0, page);
}

static void lru_tick(struct replacement *r)
{
	uint32_t page = policy_first(r, 0);

	for (uint32_t n = r->count[0], next; n > 0; n--, page = next) {
		next = policy_next(r, page);
		if (page_was_accessed(r, page))
			lru_move(r, page);
	}
}

const struct policy policy_lru = {
	.name = "lru", .what = "least recently used; with accessed bits: sampled at each tick", .add = lru_move, .access = lru_move,
	.tick = lru_tick, .victim = policy_second_chance,
};
