/* arch/x86/i386/stubs.S - from a vector to trap() and back; entering user mode from a frame.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/i386/frame.h"
#include "arch/x86/regs.h"
#include "arch/x86/stubs.h"

	.balign STUB_ALIGN
	.globl	trap_stub_syscall
trap_stub_syscall:
	push	$0
	push	$VECTOR_SYSCALL

/* in:       the CPU's frame, error code and vector pushed; interrupts off
 * out:      the frame as trap() left it, loaded
 * clobbers: nothing */
trap_common:
	pusha
	push	%ds
	push	%es
	push	%fs
	push	%gs
	mov	$SEL_KERNEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	cld
	cmpb	$0, x86_smap_on
	je	1f
	clac				/* user mode may have set AC, which would allow us its pages */
1:	mov	%esp, %eax
	call	trap
trap_return:
	pop	%gs
	pop	%fs
	pop	%es
	pop	%ds
	popa
	add	$8, %esp		/* vector and code */
	iret

/* arch_user_resume(const struct trap_frame *)
 * in:       eax = frame, interrupts off
 * out:      does not return
 * clobbers: everything */
	.globl	arch_user_resume
arch_user_resume:
	mov	%eax, %esp
	jmp	trap_return
