/* arch/x86/stubs.h - the first instructions of every vector; for the stubs.S of both widths, once.
 * SPDX-License-Identifier: MIT
 *
 * One stub each STUB_ALIGN bytes (STUB_BYTES of x86.h). A vector for which the CPU pushes no error code gets a zero, so
 * that all frames look alike; then each goes on at trap_common, which the includer has.
 */
#define STUB_ALIGN 16

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
