/* boot/x86/stages.h - what switch.S needs to know: stages (checked in main.c) and struct switch_args (in boot.h).
 * SPDX-License-Identifier: MIT
 */
#pragma once

#ifdef __ASSEMBLER__
#define STAGE_CONTROL 4
#define STAGE_ROOT    5
#define STAGE_PAGING  6

#define ARG_CR4   0
#define ARG_CR3   4
#define ARG_CR0   8
#define ARG_EFER  12
#define ARG_ENTRY 16
#define ARG_INFO  24

	.macro	note stage
	push	$\stage
	call	story_note
	add	$4, %esp
	.endm
#endif
