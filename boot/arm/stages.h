/* boot/arm/stages.h - struct switch_args by offset, checked in boot/arm/boot.h, and how switch.S notes a stage.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define BOOT_STACK_BYTES 8192

#define ARG_TTBCR 0
#define ARG_TYPES 4
#define ARG_DACR  12
#define ARG_TTBR0 16
#define ARG_TTBR1 24
#define ARG_SCTLR 32
#define ARG_ENTRY 36
#define ARG_INFO  40

#ifdef __ASSEMBLER__
#include "boot/stages.h"

	.macro	note stage
	mov	r0, #\stage
	bl	boot_trace_note
	.endm
#endif
