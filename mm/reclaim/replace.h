/* mm/reclaim/replace.h - the machine's replacement policy: its pages are the anonymous frames that PTEs map.
 * SPDX-License-Identifier: MIT
 *
 * Pages of files and sections are not under the policy: trim.c evicts them by their accessed bits.
 */
#pragma once
#include "lib/err.h"
#include "mm/reclaim/policy.h"
#include "mm/space/aspace.h"

/* Makes `policy` the machine's. The pages keep their order, but counters and ages of the old policy are lost. The first call
 * allocates 16 bytes per frame. ERR_NO_MEMORY. */
MUST_USE err_t replace_select(const struct policy *policy);
/* NULL: there is none yet. */
const struct policy *replace_policy(void);
/* Forgets all pages and frees the table; no policy is chosen. For tests, which start again. */
void replace_stop(void);
/* Unmaps up to n victims. Returns their number. */
unsigned replace_evict(unsigned n);

/* Timer ticks (SCHED_HZ); a timer interrupt increments it. The accessed bits are sampled at most every REPLACE_SAMPLE of them, and
 * only when pages are evicted. */
extern volatile uint32_t replace_timer;
#define REPLACE_SAMPLE 10

/* Since the policy was chosen. */
struct replace_counts {
	uint32_t resident;          /* pages at the last replace_count_resident() */
	uint64_t loads;             /* pages that became resident */
	uint64_t victims;           /* pages that were evicted */
	uint64_t refused;           /* victims that could not be evicted: in use by something other than PTEs */
	uint64_t tests, accessed;   /* accessed bits read, and found set */
	uint64_t samples;           /* ticks of the policy */
};
extern struct replace_counts replace_counts;
/* Takes pages that left memory without an eviction off the lists, and sets replace_counts.resident. */
void replace_count_resident(void);

/* Reads the accessed bit of a PTE; with `clear` also clears it, and flushes the TLB entry. */
bool page_accessed(struct aspace *as, uint64_t va, const struct pt_slot *slot, bool clear);
/* For code that clears accessed bits for another purpose: the policy still sees that the frame was used. */
void replace_keep_young(const struct frame *f);
