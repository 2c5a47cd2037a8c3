/* arch/arm/frame.h - what a trap saves, and words that assembly shares with C.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* struct trap_frame, in bytes; checked below. */
#define FRAME_R2     8
#define FRAME_SP     52
#define FRAME_LR     56
#define FRAME_PC     60
#define FRAME_PSR    64
#define FRAME_VECTOR 68
#define FRAME_FSR    72
#define FRAME_UACCESS 80
#define FRAME_BYTES  88

/* struct arm_access */
#define ACCESS_LONG   0
#define ACCESS_OPEN   4
#define ACCESS_CLOSED 8

/* The stack of each exception mode: the words needed until the kernel stack is in use. */
#define SCRATCH_PSR   0
#define SCRATCH_R0    4             /* r0, r1, pc */
#define SCRATCH_PC    12
#define SCRATCH_SP    16            /* VECTOR_STACK: the stack pointer that was no good */
#define SCRATCH_BYTES 32

/* Stack for a data abort that found the kernel stack unmapped. */
#define EMERGENCY_STACK_BYTES 16384

#ifndef __ASSEMBLER__
#include "lib/assert.h"
#include <stdint.h>

struct trap_frame {
	uint32_t r[13], sp, lr, pc, psr;
	uint32_t vector;        /* VECTOR_* */
	uint32_t fsr, far;      /* of an abort: DFSR and DFAR, or IFSR and IFAR */
	uint32_t uaccess;       /* DACR, or TTBCR with the long format, as it was */
	uint32_t unused;        /* keeps the stack 8-aligned */
};
ASM_OFFSET(0, struct trap_frame, r[0]);
ASM_OFFSET(FRAME_R2, struct trap_frame, r[2]);
ASM_OFFSET(FRAME_SP, struct trap_frame, sp);
ASM_OFFSET(FRAME_LR, struct trap_frame, lr);
ASM_OFFSET(FRAME_PC, struct trap_frame, pc);
ASM_OFFSET(FRAME_PSR, struct trap_frame, psr);
ASM_OFFSET(FRAME_VECTOR, struct trap_frame, vector);
ASM_OFFSET(FRAME_FSR, struct trap_frame, fsr);
ASM_OFFSET(FRAME_FSR + 4, struct trap_frame, far);     /* stored together */
ASM_OFFSET(FRAME_UACCESS, struct trap_frame, uaccess);
ASM_SIZE(FRAME_BYTES, struct trap_frame);

/* Registers that permit kernel access to user memory: the user domain in DACR, or TTBCR.EPD0 and A1. Access is disabled in the
 * kernel, except during copies, and enabled in user mode. */
struct arm_access { uint32_t long_format, open, closed; };
ASM_OFFSET(ACCESS_LONG, struct arm_access, long_format);
ASM_OFFSET(ACCESS_OPEN, struct arm_access, open);
ASM_OFFSET(ACCESS_CLOSED, struct arm_access, closed);
extern struct arm_access arm_access;
extern void *arm_kernel_stack;
/* What arch_probe() is calling, and where from. */
extern uint32_t arm_probe_target;
extern const char arm_probe_call[];

void arm_vectors_init(void);
_Noreturn void arm_resume(const struct trap_frame *f);
#endif
