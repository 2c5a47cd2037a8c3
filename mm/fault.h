/* mm/fault.h - resolves a memory fault, or says why it cannot be; prints nothing, kills nobody.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/fault.h"
#include "mm/aspace.h"

enum fault_result {
	FAULT_FIXED,
	FAULT_NO_VMA,      /* nobody has said that this address may be used */
	FAULT_DENIED,      /* somebody has, but not like this: read-only, no execute, a guard page, the kernel's part */
	FAULT_NO_MEMORY,
	FAULT_IO_ERROR,    /* the object behind it did not answer */
	FAULT_CORRUPT,     /* an entry holds what nobody may have put there */
	FAULT_RESULTS
};

/* What was done; a phrase for each in fault_action_text(). */
enum fault_action {
	ACT_NONE, ACT_ZERO_PAGE, ACT_DEMAND_ZERO, ACT_REPLACE_ZERO, ACT_FILE_PAGE, ACT_COPY, ACT_REUSE, ACT_STACK_GROWTH,
	ACT_SYNC, ACT_ACCESSED, ACT_STALE_TLB, ACT_SWAP_IN, ACT_TRANSITION, ACT_COUNT
};

struct fault_record {
	/* From 1; 0: an empty slot. Each begins a cache line. */
	_Alignas(64) uint64_t sequence;
	struct fault fault;
	enum fault_result result;
	enum fault_action action;
	uint32_t aspace;          /* its id */
	struct pt_slot found;     /* where the walk ended, before anything was done; all zero: nobody walked */
	pte_t after;              /* that entry afterwards */
	vaddr_t vma_first, vma_last; /* 0, 0: none */
	prot_t vma_prot;
	_Alignas(uint32_t) char vma_name[24];
};

/* Resolves r->fault of fault_log_new()'s slot, and says in it what was done. The faulting aspace is the current one. May be
 * called with interrupts off; never sleeps yet. */
enum fault_result mm_fault(struct aspace *as, struct fault_record *r);
/* Only what is resolved at any IRQL: an entry of the kernel's part missing in this root, a stale translation. */
enum fault_result mm_fault_repair(struct aspace *as, struct fault_record *r);

/* The last faults: 0 the newest; NULL when there are fewer. */
#define FAULT_RING 64
const struct fault_record *fault_recent(unsigned back);
/* How many of each action and of each result there were. */
struct fault_counts { uint64_t action[ACT_COUNT], result[FAULT_RESULTS], total; };
const struct fault_counts *fault_counts(void);
const char *fault_action_text(enum fault_action action);   /* "mapped the shared zero frame" */
const char *fault_result_text(enum fault_result result);   /* "no range there" */

/* The shared zero frame. ERR_NO_MEMORY. */
extern pfn_t zero_frame;
MUST_USE err_t zero_frame_init(void);
/* NULL, or a phrase when it is not zero any more. */
const char *zero_frame_check(void);
