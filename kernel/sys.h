/* kernel/sys.h - arguments of a system call's function; the calls outside syscall.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"

struct sys_args {
	struct trap_frame *frame;
	uint64_t arg[5];            /* the caller's words, zero-extended; only those that the call has */
};

/* kernel/sys_memory.c */
int64_t sys_mmap(const struct sys_args *a);
int64_t sys_munmap(const struct sys_args *a);
int64_t sys_mprotect(const struct sys_args *a);
int64_t sys_madvise(const struct sys_args *a);
int64_t sys_brk(const struct sys_args *a);
int64_t sys_mincore(const struct sys_args *a);
int64_t sys_mlock(const struct sys_args *a);
int64_t sys_munlock(const struct sys_args *a);
