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
#include <stddef.h>
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

STATIC_ASSERT(frame_vector_is_where_the_stubs_put_it, offsetof(struct trap_frame, vector) == FRAME_VECTOR);
STATIC_ASSERT(frame_cs_is_where_the_stubs_look, offsetof(struct trap_frame, cs) == FRAME_CS);
STATIC_ASSERT(frame_esp_is_above_what_the_cpu_pushed,
              offsetof(struct trap_frame, esp) == FRAME_VECTOR + FRAME_TO_ESP);
STATIC_ASSERT(frame_has_the_size_that_assembly_gives_it, sizeof(struct trap_frame) == FRAME_BYTES);
#endif
