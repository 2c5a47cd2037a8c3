/* mm/space/fault_log.h - the ring of past faults, for mm/space/fault.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/space/fault.h"

/* The text of each action, also the reason in the journal. */
extern const char *const fault_action_words[ACT_COUNT];

/* More slots than records that are shown: the slot of the next fault can be written while it is handled. A power of two. */
#define FAULT_SLOTS (2 * FAULT_RING)
extern struct fault_log { struct fault_counts counts; uint64_t added; struct fault_record ring[FAULT_SLOTS]; } fault_log;

/* The slot of the next record, of which fault_place() has given away the field `fault`. */
static inline struct fault_record *fault_log_slot(void)
{
	return &fault_log.ring[(uint32_t)fault_log.added % FAULT_SLOTS];
}
/* Adds the record: a slot with its sequence number and an empty `trap`; every other field is the caller's. */
static inline struct fault_record *fault_log_next(void)
{
	struct fault_record *r = fault_log_slot();

	r->sequence = ++fault_log.added;
	r->trap[0] = 0;
	r->brief = false;
	return r;
}
/* True if a record refers to the name, a pointer of vma_name_get(). */
bool fault_log_has_name(const char *name);
