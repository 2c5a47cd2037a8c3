/* kernel/live.h - the running machine as a target.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* The running machine as a target: `root` is the one that commands inspect, `hw_root` the one that the CPU walks. */
extern struct target live_target;

/* Sets the fields of live_target that are known only at run time: paging mode, roots, regions, self-map. */
void live_init(void);
/* The live machine with the tables of the current process, independent of .process. */
struct target live_current(void);
/* Commands look at what the CPU sees now. */
void live_look_at_current(void);
/* The CPU has loaded this root, and commands look through it too. */
void live_loaded(paddr_t root);
/* Hex digits of an address of this machine. */
unsigned live_va_digits(void);
/* target_read_virt() of the live machine as commands look at it. */
MUST_USE err_t live_read(uint64_t va, void *buf, size_t n);
/* Call before freeing `root`. If the shell's target uses it, the target moves to `next` (0: to the CPU's root). */
void live_root_gone(paddr_t root, paddr_t next);
