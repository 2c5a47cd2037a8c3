/* mm/reclaim/policy_clock.c - clock: fifo, but a page that was used since the hand passed it gets a second chance.
 * SPDX-License-Identifier: MIT
 *
 * The circle of pages is list 0: its head is where the hand is, and a page that the hand passes moves to the tail.
 */
#include "mm/reclaim/policy.h"

static void clock_add(struct replacement *r, uint32_t page)
{
	page_to_tail(r, 0, page);
}

const struct policy policy_clock = {
	.name = "clock", .what = "fifo with a second chance for used pages", .add = clock_add, .victim = policy_second_chance,
};
