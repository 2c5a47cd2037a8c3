/* kernel/fsck.h - ranges, tables, frame counts and the reverse map held against each other.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/proc.h"
#include "lib/out.h"

/* Checks one process, or with NULL everything: returns the number of complaints, each printed in Linux's words. */
unsigned fsck(struct out *out, const struct proc *p);
/* Complaints while tables are taken down go to the console from now on. */
void fsck_init(void);
