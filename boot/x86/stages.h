/* boot/x86/stages.h - struct switch_args by offset, checked in boot/x86/boot.h, and how switch.S notes a stage.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define ARG_CR4   0
#define ARG_CR3   4
#define ARG_CR0   8
#define ARG_EFER  12
#define ARG_ENTRY 16
#define ARG_INFO  24

#ifdef __ASSEMBLER__
#include "boot/stages.h"

	.macro	note stage
	push	$\stage
	call	boot_trace_note
	add	$4, %esp
	.endm
#endif
