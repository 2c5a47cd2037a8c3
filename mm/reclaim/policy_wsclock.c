/* mm/reclaim/policy_wsclock.c - wsclock: a clock that keeps the working set, and prefers clean pages.
 * SPDX-License-Identifier: MIT
 *
 * Carr, Hennessy 1981. A page that was not used for more than `window` ticks is outside the working set. The first clean one
 * leaves; if the hand finds none within CLEAN_SEARCH pages behind the first dirty one, that one leaves, and its write starts.
 * If every page is in the working set, none can leave it before the next tick: until then, the page that was unused for longest
 * leaves.
 */
#include "mm/reclaim/policy.h"

#define CLEAN_SEARCH 16

static void wsclock_add(struct replacement *r, uint32_t page)
{
	r->page[page].time = r->now;
	page_to_tail(r, 0, page);
}

static uint32_t idle(const struct replacement *r, uint32_t page)
{
	return r->now - r->page[page].time;
}

/* Reads the accessed bit, which updates the time of the last use. */
static bool is_outside(struct replacement *r, uint32_t page)
{
	if (page_was_accessed(r, page))
		r->page[page].time = r->now;
	return idle(r, page) > r->window;
}

/* POLICY_NIL: the hand went all the way around and found no page outside the working set. */
static uint32_t find_outside(struct replacement *r)
{
	uint32_t dirty = POLICY_NIL, left = CLEAN_SEARCH;

	for (uint32_t n = r->count[0]; n > 0 && left > 0; n--) {
		uint32_t page = policy_first(r, 0);

		if (is_outside(r, page)) {
			if (!r->env->dirty(r->ctx, page))
				return page;
			dirty = dirty == POLICY_NIL ? page : dirty;
		}
		left -= dirty != POLICY_NIL;
		page_to_tail(r, 0, page);
	}
	return dirty;
}

/* By the uses that were seen up to the last tick. No page is idle for longer than the window. */
static uint32_t longest_idle(const struct replacement *r)
{
	uint32_t best = policy_first(r, 0);

	for (uint32_t page = best; page != POLICY_NIL && idle(r, best) < r->window; page = policy_next(r, page))
		if (idle(r, page) > idle(r, best))
			best = page;
	return best;
}

static uint32_t wsclock_victim(struct replacement *r)
{
	uint32_t page = r->all_inside ? POLICY_NIL : find_outside(r);

	if (page != POLICY_NIL)
		return page;
	r->all_inside = true;
	return longest_idle(r);
}

static void wsclock_tick(struct replacement *r)
{
	r->all_inside = false;
}

const struct policy policy_wsclock = {
	.name = "wsclock", .what = "a clock over pages outside the working set, clean ones first", .add = wsclock_add,
	.tick = wsclock_tick, .victim = wsclock_victim,
};
