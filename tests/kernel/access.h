/* tests/kernel/access.h - one page whose entries can be made anything, and accesses to it from both modes.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/mmu.h"
#include "arch/trap.h"
#include "inspect/predict.h"
#include "mm/space/aspace.h"
#include "tests/kernel/kernel_test.h"

struct access_world {
	struct aspace *as, *before;
	unsigned levels, leaf;      /* leaf: the level of the page tried */
	paddr_t place[PT_MAX_LEVELS];
	pte_t good[PT_MAX_LEVELS];  /* everything allowed */
	pte_t entry[PT_MAX_LEVELS]; /* what the case wants */
	pte_t table[PT_MAX_LEVELS]; /* good[] while the leaf is at level 0 */
	uint64_t target;            /* the page tried; as far into the largest page as its frame is */
	pfn_t frame, code;
	void *stack;                /* where traps from user mode begin */
};

/* open: a kernel's access to user memory on purpose, as it copies for programs (x86: with EFLAGS.AC set). */
struct access_case { enum access access; bool user, open; };
struct access_result { bool fault; uint32_t code; };

/* Are there instructions for this CPU? */
bool access_code_exists(void);
/* NULL, or why it could not be made. */
const char *access_create(struct access_world **out);
void access_destroy(struct access_world *w);
/* From now on the page is a leaf of this level. False: the format or the CPU has none there. */
bool access_choose_leaf(struct access_world *w, unsigned level);
void access_write_entries(const struct access_world *w);   /* and flushes */
pte_t access_read_entry(const struct access_world *w, unsigned level);
uint64_t access_address(const struct access_world *w, struct access_case c);
/* A kernel write that is not open is a probe: it reads the byte that it writes. */
void access_do(struct access_world *w, struct access_case c, struct access_result *r);
/* Are copies to user memory made with user mode's rights (ARM's LDRT and STRT)? */
bool access_copies_as_user(void);

/* The products: NULL, or what was not as predicted. quick: the modes and bits that say least are left out. */
const char *access_product_x86(struct access_world *w, bool quick, uint64_t *cases);
const char *access_product_arm(struct access_world *w, bool quick, uint64_t *cases);

/* ---- what is known to differ from the manual (access_deviation.c); all of it QEMU's TCG ---- */
enum access_deviation {
	RESERVED_WITHOUT_PRESENT,      /* x86: a reserved-bit fault's code has P clear; SDM vol. 3A 4.7 */
	FAULT_SETS_ACCESSED,           /* x64, la57: A is set in the entry of a 1 GiB page whose access faults; 4.8 */
	TOP_ENTRY_ACCESSED,            /* PAE: A is set in the top entry, where the manual reserves the bit; 4.4.1 */
	FETCH_TELLS_DOMAIN,            /* short: IFSR has the domain like DFSR, where it has no such field; B4.1.96 */
	DOMAIN_BEFORE_SECOND_LEVEL,    /* short: a domain fault, where the second level's own comes first; B3.12.2 */
	NO_EXECUTE_BEFORE_ACCESS_FLAG, /* short: a permission fault, where the access flag's comes first; B3.12.2 */
	MANAGER_IGNORES_ACCESS_FLAG,   /* short: no access flag fault in a manager's domain; only rights go unchecked */
	ACCESS_DEVIATIONS,
};
void access_deviations_forget(void);
/* Notes whether the CPU did as in the list or as the manual says, and returns it. */
bool access_deviates(enum access_deviation which, bool seen);
/* NULL, or what is there only sometimes. */
const char *access_deviations_check(void);
/* Writes the line to be printed below the verdict. */
void access_deviations_note(uint64_t cases);
