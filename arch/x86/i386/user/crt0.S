/* arch/x86/i386/user/crt0.S - first instructions of a program: aligns the stack as the ABI requires, then calls C.
 * SPDX-License-Identifier: MIT
 */

/* In: eax = struct abi_start, at or above esp. Does not return. */
	.section .text.start, "ax"
	.globl	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp		/* back-traces end here */
	andl	$-16, %esp		/* what a call finds: System V i386 ABI 2.2.2 */
	subl	$12, %esp
	pushl	%eax
	call	start
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
