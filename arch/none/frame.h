/* arch/none/frame.h - what a trap saves.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

#define FRAME_REGISTERS 8
#define FRAME_USER   1      /* flags: it came from user mode */
#define FRAME_IRQS   2      /* flags: interrupts were on */
#define CODE_PRESENT 1      /* code of a memory fault */
#define CODE_WRITE   2
#define CODE_FETCH   4

/* A port's stubs push it: an ASM_OFFSET line for each field that assembly names belongs here. */
struct trap_frame {
	uint64_t r[FRAME_REGISTERS], fp, sp, pc, flags;
	uint64_t kind, code, address;
};
