/* arch/arm/armv7/user/crt0.S - first instructions of a program: aligns the stack as the ABI requires, then calls C.
 * SPDX-License-Identifier: MIT
 */

	.syntax unified

/* In: r0 = struct abi_start, at or above sp. Does not return. */
	.section .text.start, "ax"
	.globl	_start
	.type	_start, %function
_start:
	mov	fp, #0			/* back-traces end here */
	bic	sp, sp, #7		/* AAPCS 6.2.1.2 */
	bl	start
	.size	_start, . - _start
