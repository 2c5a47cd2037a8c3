/* kernel/kernel.h - the live machine, as main.c found it.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "boot/boot_info.h"
#include "kernel/inspect/target.h"
#include "mm/memmap.h"

extern struct boot_info boot_info;
extern struct target live_target;   /* its tables are the CPU's own */
extern struct memmap ram;
extern struct out console;

/* Takes one byte from the console, waiting for it. */
int console_get(void);
/* Reads commands until one of them leaves. */
_Noreturn void shell_run(void);
_Noreturn void machine_poweroff(void);
_Noreturn void machine_reboot(void);
