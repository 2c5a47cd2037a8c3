/* kernel/syscall.h - system calls: from the frame to a function and back.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"

/* From assembly, interrupts off, for user mode only: executes the call; on return the frame is loaded again. */
void syscall(struct trap_frame *f);
