/* arch/x86/x86_64/frame.h - what a trap leaves on the kernel's stack; for C and for stubs.S.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define FRAME_VECTOR 120      /* offset of vector: what the stubs push begins there */
#define FRAME_CS     144      /* offset of cs */
#define FRAME_BYTES  176      /* a multiple of 16: the CPU has aligned the stack before its part */

#ifndef __ASSEMBLER__
#include "lib/assert.h"
#include <stdint.h>

struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, code;
	uint64_t rip, cs, rflags, rsp, ss;
};

#define X86_PC    rip
#define X86_AX    rax
#define X86_FLAGS rflags

/* What save_frame of stubs.S pushes, from the last word pushed upwards, and what the CPU does. */
ASM_OFFSET(0, struct trap_frame, r15);
ASM_OFFSET(8, struct trap_frame, r14);
ASM_OFFSET(16, struct trap_frame, r13);
ASM_OFFSET(24, struct trap_frame, r12);
ASM_OFFSET(32, struct trap_frame, r11);
ASM_OFFSET(40, struct trap_frame, r10);
ASM_OFFSET(48, struct trap_frame, r9);
ASM_OFFSET(56, struct trap_frame, r8);
ASM_OFFSET(64, struct trap_frame, rbp);
ASM_OFFSET(72, struct trap_frame, rdi);
ASM_OFFSET(80, struct trap_frame, rsi);
ASM_OFFSET(88, struct trap_frame, rdx);
ASM_OFFSET(96, struct trap_frame, rcx);
ASM_OFFSET(104, struct trap_frame, rbx);
ASM_OFFSET(112, struct trap_frame, rax);
ASM_OFFSET(120, struct trap_frame, vector);
ASM_OFFSET(128, struct trap_frame, code);
ASM_OFFSET(136, struct trap_frame, rip);
ASM_OFFSET(144, struct trap_frame, cs);
ASM_OFFSET(152, struct trap_frame, rflags);
ASM_OFFSET(160, struct trap_frame, rsp);
ASM_OFFSET(168, struct trap_frame, ss);
ASM_OFFSET(FRAME_VECTOR, struct trap_frame, vector);
ASM_OFFSET(FRAME_CS, struct trap_frame, cs);
ASM_SIZE(FRAME_BYTES, struct trap_frame);
#endif
