/* arch/x86/x86_64/user/crt0.S - first instructions of a program: aligns the stack as the ABI requires, then calls C.
 * SPDX-License-Identifier: MIT
 */

/* In: rdi = struct abi_start, at or above rsp. Does not return. */
	.section .text.start, "ax"
	.globl	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp		/* back-traces end here */
	andq	$-16, %rsp		/* what a call finds: System V x86-64 ABI 3.2.2 */
	call	start
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
