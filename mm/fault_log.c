/* mm/fault_log.c - the last faults and how many there were of each kind.
 * SPDX-License-Identifier: MIT
 */
#include "mm/fault_log.h"

struct fault_log fault_log;

void fault_log_forget(struct fault_record *r)
{
	*r = (struct fault_record){ .sequence = r->sequence, .fault = r->fault };
}

const struct fault_record *fault_recent(unsigned back)
{
	uint64_t total = fault_log.counts.total;

	return back < total && back < FAULT_RING ? &fault_log.ring[(uint32_t)(total - 1 - back) % FAULT_RING] : NULL;
}

const struct fault_counts *fault_counts(void)
{
	return &fault_log.counts;
}

const char *fault_action_text(enum fault_action action)
{
	static const char *const text[ACT_COUNT] = {
		[ACT_NONE] = "nothing",
		[ACT_ZERO_PAGE] = "mapped the shared zero frame",
		[ACT_DEMAND_ZERO] = "mapped a frame of zeroes",
		[ACT_REPLACE_ZERO] = "replaced the zero frame by a frame of zeroes",
		[ACT_FILE_PAGE] = "mapped a page of the file",
		[ACT_COPY] = "copied the page on write",
		[ACT_REUSE] = "made the last owner's page writable",
		[ACT_STACK_GROWTH] = "extended the stack",
		[ACT_SYNC] = "copied the kernel's entry into this root",
		[ACT_ACCESSED] = "set the accessed flag",
		[ACT_STALE_TLB] = "flushed a stale translation",
		[ACT_SWAP_IN] = "read the page from the page file",
		[ACT_TRANSITION] = "took the page back from the transition list",
	};

	return (unsigned)action < ACT_COUNT ? text[action] : "?";
}

const char *fault_result_text(enum fault_result result)
{
	static const char *const text[FAULT_RESULTS] = {
		[FAULT_FIXED] = "resolved",
		[FAULT_NO_VMA] = "no range there",
		[FAULT_DENIED] = "the range does not allow this access",
		[FAULT_NO_MEMORY] = "out of memory",
		[FAULT_IO_ERROR] = "the object behind the range did not answer",
		[FAULT_CORRUPT] = "the entry holds what nobody may have put there",
	};

	return (unsigned)result < FAULT_RESULTS ? text[result] : "?";
}
