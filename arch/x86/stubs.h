/* arch/x86/stubs.h - the first instructions of every vector; for the stubs.S of both widths, once.
 * SPDX-License-Identifier: MIT
 *
 * One stub each STUB_ALIGN bytes (STUB_BYTES of x86.h). A vector for which the CPU pushes no error code gets a zero, so
 * that all frames look alike; then each jumps to trap_common, which the including file defines.
 */
#include "arch/fixup.h"
#include "hw/x86/regs.h"

#define STUB_ALIGN 16

/* The last instruction of the return path. It faults in ring 0 if user mode cannot continue at the address, such as a non-
 * canonical rip (SDM vol. 2A, IRET). Then only the CPU's part of the frame is left, and all other registers have user values: it
 * becomes the frame of a general protection fault in user mode, which ends the program. */
	.macro	return_to_frame insn
	.globl	x86_return
x86_return:
	\insn
	fixup	x86_return, return_failed
return_failed:
	push	$0
	push	$VECTOR_GP
	jmp	trap_common
	.endm

	.text
	.balign STUB_ALIGN
	.globl	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	VECTOR_STUBS
	.balign STUB_ALIGN
	.if	vector >= VECTOR_IRQ || ((VECTORS_WITH_CODE >> vector) & 1) == 0
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr
