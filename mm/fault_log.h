/* mm/fault_log.h - the ring of faults, for who takes one in and for who resolves it.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/fault.h"

extern struct fault_log { struct fault_counts counts; struct fault_record ring[FAULT_RING]; } fault_log;

/* The next slot, with its sequence number, for a fault that goes to mm_fault() next: the caller fills in r->fault. Who looks
 * at the tables fills in what was found, whoever does not calls fault_log_forget(). */
static inline struct fault_record *fault_log_new(void)
{
	struct fault_record *r = &fault_log.ring[(uint32_t)fault_log.counts.total % FAULT_RING];

	r->sequence = ++fault_log.counts.total;
	r->action = ACT_NONE;
	return r;
}

/* Takes out what the slot still says of an older fault. */
void fault_log_forget(struct fault_record *r);

/* Counts its action and result. */
static inline void fault_log_count(const struct fault_record *r)
{
	fault_log.counts.result[r->result]++;
	if (r->result == FAULT_FIXED)
		fault_log.counts.action[r->action]++;
}
