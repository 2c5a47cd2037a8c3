/* arch/x86/i386/traps.S - one stub per exception; the frame is struct trap_frame in machine.c.
 * SPDX-License-Identifier: MIT
 */
#define EXCEPTIONS 32
/* Vectors whose exceptions push an error code, SDM vol. 3A 6.15: 8, 10 to 14, 17, 21, 29, 30. */
#define HAS_CODE 0x60227D00

	.text
	.balign 16
	.globl	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	EXCEPTIONS
	.balign 16
	.if	((HAS_CODE >> vector) & 1) == 0
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

/* in: vector and error code pushed. out: does not return. clobbers: nothing before they are saved */
trap_common:
	pusha
	cld
	push	%esp
	call	arch_exception
