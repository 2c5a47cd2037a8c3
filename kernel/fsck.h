/* kernel/fsck.h - compares VMAs, page tables, frame counts and the reverse map.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/proc.h"
#include "lib/out.h"

/* Checks one process, or with NULL everything. Prints each error in the form of Linux and returns the number of errors. */
unsigned fsck(struct out *out, const struct proc *p);
/* Sends mm's reports about inconsistent tables (mm_bad_hooks) to the console. */
void fsck_init(void);
