/* kernel/process_state.c - the state of a process and the size of its resident set.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/process_state.h"
#include "arch/mmu.h"

/* By enum proc_state. */
static const char *const state_name[] = {
	[PROC_READY] = "ready", [PROC_RUNNING] = "running", [PROC_WAITING] = "waiting", [PROC_ZOMBIE] = "ended",
};

const char *process_state(const struct proc *p)
{
	return p->killed && p->state != PROC_ZOMBIE ? "killed" : state_name[p->state];
}

/* Visitor: adds the pages of a leaf, which can be a large page. */
static bool count_leaf(void *ctx, const struct pt_visit_entry *e)
{
	uint64_t *pages = ctx;

	*pages += e->size / PAGE_SIZE;
	return true;
}

/* Reads all tables of the user half. Nothing of the kernel half counts: every process maps it. */
uint64_t process_resident(const struct proc *p)
{
	uint64_t pages = 0;

	if (p->as && pt_visit(&p->as->space, 0, USER_END - 1, PT_VISIT_LEAF, count_leaf, &pages) != OK)
		pages = 0;
	return pages;
}
