/* kernel/syscall.h - system calls: from the frame to a function and back.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"

/* From trap(): user mode only. */
void syscall(struct trap_frame *f);
