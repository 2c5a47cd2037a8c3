/* arch/none/none.h - what the files of the empty port share among themselves.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/trap.h"
#include "boot/boot_info.h"

/* Filled by the boot stage before the first instruction at the kernel's address. */
extern struct boot_info boot_info;

/* Functions at which a port's stubs continue, by kind of trap. */
void none_enter(struct trap_frame *f);
