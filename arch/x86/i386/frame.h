/* arch/x86/i386/frame.h - what a trap leaves on the kernel's stack; for C and for stubs.S.
 * SPDX-License-Identifier: MIT
 *
 * From the kernel the CPU pushes neither esp nor ss: the frame is two words shorter then, and the stack pointer follows
 * from `pushed`, which holds wherever the frame is copied to.
 */
#pragma once

#define FRAME_VECTOR  48      /* offset of vector: what the stubs push begins there */
#define FRAME_CS      60      /* offset of cs */
#define FRAME_TO_ESP  20      /* from the esp that PUSHA saved to the interrupted one, in the kernel */
#define FRAME_BYTES   76

#ifndef __ASSEMBLER__
#include "lib/assert.h"
#include <stdint.h>

struct trap_frame {
	uint32_t gs, fs, es, ds;
	uint32_t edi, esi, ebp, pushed, ebx, edx, ecx, eax;   /* PUSHA's order */
	uint32_t vector, code;
	uint32_t eip, cs, eflags, esp, ss;
};

#define X86_PC    eip
#define X86_AX    eax
#define X86_FLAGS eflags

/* What save_frame of stubs.S pushes, from the last word pushed upwards, and what the CPU does. */
ASM_OFFSET(0, struct trap_frame, gs);
ASM_OFFSET(4, struct trap_frame, fs);
ASM_OFFSET(8, struct trap_frame, es);
ASM_OFFSET(12, struct trap_frame, ds);
ASM_OFFSET(16, struct trap_frame, edi);
ASM_OFFSET(20, struct trap_frame, esi);
ASM_OFFSET(24, struct trap_frame, ebp);
ASM_OFFSET(28, struct trap_frame, pushed);
ASM_OFFSET(32, struct trap_frame, ebx);
ASM_OFFSET(36, struct trap_frame, edx);
ASM_OFFSET(40, struct trap_frame, ecx);
ASM_OFFSET(44, struct trap_frame, eax);
ASM_OFFSET(48, struct trap_frame, vector);
ASM_OFFSET(52, struct trap_frame, code);
ASM_OFFSET(56, struct trap_frame, eip);
ASM_OFFSET(60, struct trap_frame, cs);
ASM_OFFSET(64, struct trap_frame, eflags);
ASM_OFFSET(68, struct trap_frame, esp);
ASM_OFFSET(72, struct trap_frame, ss);
ASM_OFFSET(FRAME_VECTOR, struct trap_frame, vector);
ASM_OFFSET(FRAME_CS, struct trap_frame, cs);
ASM_OFFSET(FRAME_VECTOR + FRAME_TO_ESP, struct trap_frame, esp);
ASM_SIZE(FRAME_BYTES, struct trap_frame);
#endif
