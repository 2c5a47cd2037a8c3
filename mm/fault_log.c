/* mm/fault_log.c - the last faults and how many there were of each kind.
 * SPDX-License-Identifier: MIT
 */
#include "mm/fault_log.h"

static struct fault_record ring[FAULT_RING];
static struct fault_counts counts;

struct fault_record *fault_log_new(const struct fault *fault)
{
	struct fault_record *r = &ring[counts.total % FAULT_RING];

	r->sequence = ++counts.total;
	r->fault = *fault;
	r->action = ACT_NONE;
	r->aspace = 0;
	r->level = 0;
	r->entry_pa = PADDR(0);
	r->before = r->after = PTE(0);
	r->vma_first = r->vma_last = 0;
	r->vma_prot = 0;
	r->vma_name[0] = 0;
	return r;
}

void fault_log_count(const struct fault_record *r)
{
	counts.result[r->result]++;
	if (r->result == FAULT_FIXED)
		counts.action[r->action]++;
}

const struct fault_record *fault_recent(unsigned back)
{
	return back < counts.total && back < FAULT_RING ? &ring[(counts.total - 1 - back) % FAULT_RING] : NULL;
}

const struct fault_counts *fault_counts(void)
{
	return &counts;
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
