/* mm/reclaim/policy_fifo.c - fifo: the page that was loaded first leaves first.
 * SPDX-License-Identifier: MIT
 *
 * Uses no accessed bits. With more frames it can have more faults (Belady's anomaly).
 */
#include "mm/reclaim/policy.h"

static void fifo_add(struct replacement *r, uint32_t page)
{
	page_to_tail(r, 0, page);
}

static uint32_t fifo_victim(struct replacement *r)
{
	return policy_first(r, 0);
}

const struct policy policy_fifo = {
	.name = "fifo", .what = "first loaded, first out; no accessed bits", .add = fifo_add, .victim = fifo_victim,
};
