/* arch/x86/i386/stubs.S - from a vector to trap() or syscall() and back; entering user mode from a frame.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/i386/frame.h"
#include "arch/x86/stubs.h"
#include "hw/x86/regs.h"

/* What is the same for all of them: the rest of struct trap_frame, then the kernel's world.
 * in:       the CPU's frame, error code and vector pushed; interrupts off
 * out:      esp = eax = frame */
	.macro	save_frame
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
	je	9f
	clac				/* user mode may have set AC, which would allow us its pages */
9:	mov	%esp, %eax
	.endm

/* A system call goes directly to syscall(), without trap(). */
	.balign STUB_ALIGN
	.globl	trap_stub_syscall
trap_stub_syscall:
	push	$0
	push	$VECTOR_SYSCALL
	testb	$SEL_RPL_MASK, FRAME_CS - FRAME_VECTOR(%esp)
	jz	trap_common		/* the kernel makes no system calls */
	save_frame
	call	syscall
	jmp	trap_return

/* A non-maskable interrupt can arrive between any two instructions. So nmi() does all of its handling: trap() is not called, and
 * no process switch happens on return. */
	.balign STUB_ALIGN
	.globl	trap_stub_nmi
trap_stub_nmi:
	push	$0
	push	$VECTOR_NMI
	save_frame
	call	nmi
	jmp	trap_return

/* in:       the CPU's frame, error code and vector pushed; interrupts off
 * out:      the frame as trap() left it, loaded
 * clobbers: nothing */
trap_common:
	save_frame
	call	trap
trap_return:
	pop	%gs
	pop	%fs
	pop	%es
	pop	%ds
	popa
	add	$8, %esp		/* vector and code */
	return_to_frame	iret

/* arch_user_resume(const struct trap_frame *)
 * in:       eax = frame, interrupts off
 * out:      does not return
 * clobbers: everything */
	.globl	arch_user_resume
arch_user_resume:
	mov	%eax, %esp
	jmp	trap_return
