/* kernel/main.h - what kmain() was given, and what it measured.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "boot/boot_info.h"

extern struct boot_info boot_info;
/* arch_ticks() at the start of the shell: the cost of the boot, from power-on if the counter starts there. */
extern uint64_t boot_ticks;
