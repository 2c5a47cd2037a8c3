/* arch/arm/arm.h - what the files of this directory share.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "arch/mmu.h"
#include "boot/boot_info.h"

extern struct boot_info boot_info;

static inline bool arm_long_format(void)
{
	return boot_info.format == BOOT_FORMAT_LPAE;
}

void arm_access_init(void);
void arm_gic_init(void);
/* Requests an operation of a debugger or emulator; returns if there is none. Interrupts are masked afterwards. */
uint32_t arm_semihosting(uint32_t operation, const void *arguments);
