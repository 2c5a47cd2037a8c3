/* arch/x86/x86_64/frame.h - what a trap leaves on the kernel's stack; for C and for stubs.S.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define FRAME_VECTOR 120      /* offset of vector: what the stubs push begins there */
#define FRAME_CS     144      /* offset of cs */
#define FRAME_BYTES  176      /* a multiple of 16: the CPU has aligned the stack before its part */

#ifndef __ASSEMBLER__
#include "lib/assert.h"
#include <stddef.h>
#include <stdint.h>

struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, code;
	uint64_t rip, cs, rflags, rsp, ss;
};

#define X86_PC    rip
#define X86_AX    rax
#define X86_FLAGS rflags

STATIC_ASSERT(frame_vector_is_where_the_stubs_put_it, offsetof(struct trap_frame, vector) == FRAME_VECTOR);
STATIC_ASSERT(frame_cs_is_where_the_stubs_look, offsetof(struct trap_frame, cs) == FRAME_CS);
STATIC_ASSERT(frame_has_the_size_that_assembly_gives_it, sizeof(struct trap_frame) == FRAME_BYTES);
#endif
