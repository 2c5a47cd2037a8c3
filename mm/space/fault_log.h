/* mm/space/fault_log.h - the ring of past faults, for mm/space/fault.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/fault.h"

/* The text of each action, also the reason in the journal. */
extern const char *const fault_action_words[ACT_COUNT];

extern struct fault_log { struct fault_counts counts; uint64_t added; struct fault_record ring[FAULT_RING]; } fault_log;

/* The slot for the next record, with its sequence number and an empty `trap`; every other field is the caller's. */
static inline struct fault_record *fault_log_next(void)
{
	struct fault_record *r = &fault_log.ring[(uint32_t)fault_log.added % FAULT_RING];

	r->sequence = ++fault_log.added;
	r->trap[0] = 0;
	return r;
}
