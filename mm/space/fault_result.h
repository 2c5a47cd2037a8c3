/* mm/space/fault_result.h - the result of a fault, and what its handler did.
 * SPDX-License-Identifier: MIT
 */
#pragma once

enum fault_result {
	FAULT_FIXED,
	FAULT_NO_VMA,      /* no VMA covers the address */
	FAULT_DENIED,      /* access not permitted: read-only, no-execute, guard page, or a user access to a kernel address */
	FAULT_NO_MEMORY,
	FAULT_IO_ERROR,    /* the backing object could not supply the page */
	FAULT_CORRUPT,     /* corrupt PTE: reserved bit set, unknown software entry, or a fault that persists after the TLB flush */
	FAULT_RESULTS,
	FAULT_RETRY = FAULT_RESULTS     /* inside mm only: look everything up again */
};

/* What the handler did; fault_action_text() has a phrase for each. */
enum fault_action {
	ACT_NONE, ACT_ZERO_PAGE, ACT_DEMAND_ZERO, ACT_REPLACE_ZERO, ACT_FILE_PAGE, ACT_COPY, ACT_REUSE, ACT_STACK_GROWTH,
	ACT_SYNC, ACT_ACCESSED, ACT_STALE_TLB, ACT_SWAP_IN, ACT_TRANSITION, ACT_OPENED, ACT_OWN_TABLE,
	ACT_COUNT
};
