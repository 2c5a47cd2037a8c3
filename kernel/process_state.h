/* kernel/process_state.h - the state of a process and the size of its resident set, for `ps` and `!process`.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/proc.h"

/* "ready", "running", "waiting", "ended" for a zombie; "killed" for a process that exits before it
 * returns to user mode. */
const char *process_state(const struct proc *p);
/* Pages of user memory that its entries map, counted in its tables; shared and file pages are
 * included. 0: it has exited, or a table cannot be read. */
uint64_t process_resident(const struct proc *p);
