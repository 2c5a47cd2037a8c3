/* kernel/oops_arm.h - an oops in the words of Linux on ARM.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"

/* Tells a memory fault of the kernel from first line to last. False, and nothing was said, on machines whose registers
 * are not ARM's: their oops has another form. */
bool oops_arm(const struct trap_frame *f, const struct fault *fault, unsigned number);
