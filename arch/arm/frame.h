/* arch/arm/frame.h - what a trap saves, and words that assembly shares with C.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* struct trap_frame, in bytes; checked in arch/arm/trap.c. */
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

/* Each exception mode's stack is these words: what the way to the kernel's stack needs. */
#define SCRATCH_PSR   0
#define SCRATCH_R0    4             /* r0, r1, pc */
#define SCRATCH_PC    12
#define SCRATCH_SP    16            /* VECTOR_STACK: the stack pointer that was no good */
#define SCRATCH_BYTES 32

/* Room on the stack that handles a data abort for which the kernel's own had none. */
#define EMERGENCY_STACK_BYTES 16384

#ifndef __ASSEMBLER__
#include <stdint.h>

struct trap_frame {
	uint32_t r[13], sp, lr, pc, psr;
	uint32_t vector;        /* VECTOR_* */
	uint32_t fsr, far;      /* of an abort: DFSR and DFAR, or IFSR and IFAR */
	uint32_t uaccess;       /* DACR, or TTBCR with the long format, as it was */
	uint32_t unused;        /* keeps the stack 8-aligned */
};

/* What lets the kernel at user memory: DACR's user domain, or TTBCR.EPD0 and A1. Closed while the kernel runs, but
 * for copies; user mode runs with it open. */
struct arm_access { uint32_t long_format, open, closed; };
extern struct arm_access arm_access;
extern void *arm_kernel_stack;
/* What arch_probe() is calling, and where from. */
extern uint32_t arm_probe_target;
extern const char arm_probe_call[];

void arm_vectors_init(void);
_Noreturn void arm_resume(const struct trap_frame *f);
#endif
