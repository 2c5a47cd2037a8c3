/* tests/kernel/access.h - one page whose entries can be made anything, and accesses to it from both modes.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/mmu.h"
#include "arch/trap.h"
#include "kernel/inspect/predict.h"
#include "mm/aspace.h"
#include "tests/kernel/kernel_test.h"

/* x86 page-fault error code. */
#define ACCESS_CODE_PRESENT  1u
#define ACCESS_CODE_RESERVED 8u

struct access_world {
	struct aspace *as, *before;
	unsigned levels, leaf;      /* leaf: the level of the page tried */
	paddr_t place[PT_MAX_LEVELS];
	pte_t good[PT_MAX_LEVELS];  /* everything allowed */
	pte_t entry[PT_MAX_LEVELS]; /* what the case wants */
	pte_t table;                /* good[1] while the leaf is at level 0 */
	pfn_t frame, code;
	void *stack;                /* where traps from user mode begin */
	uint64_t offset;            /* of the frame in the large page */
};

struct access_case { enum access access; bool user; };
struct access_result { bool fault; uint32_t code; };

/* Are there instructions for this CPU? */
bool access_code_exists(void);
/* NULL, or why it could not be made. */
const char *access_create(struct access_world **out);
void access_destroy(struct access_world *w);
/* From now on the page is a leaf of this level: 0 or 1. */
void access_choose_leaf(struct access_world *w, unsigned level);
void access_write_entries(const struct access_world *w);   /* and flushes */
pte_t access_read_entry(const struct access_world *w, unsigned level);
uint64_t access_address(const struct access_world *w, struct access_case c);
void access_do(struct access_world *w, struct access_case c, struct access_result *r);
/* Are copies to user memory made with user mode's rights? Then a kernel write is a probe, which reads first. */
bool access_copies_as_user(void);

/* The product of ARM's bits: both formats, leaves of both levels (access_arm.c). NULL, or what was not as predicted. */
const char *access_product_arm(struct access_world *w, uint64_t *cases);
