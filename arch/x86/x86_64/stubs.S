/* arch/x86/x86_64/stubs.S - from a vector, or SYSCALL, to trap() or syscall() and back; entering user mode from a frame.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/frame.h"
#include "arch/x86/stubs.h"
#include "hw/x86/regs.h"

/* What is the same for all of them: the rest of struct trap_frame, then the kernel's world.
 * in:       the CPU's frame, error code and vector pushed; interrupts off
 * out:      rsp = rdi = frame */
	.macro	save_frame
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rbp
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	cmpb	$0, x86_smap_on(%rip)
	je	9f
	clac				/* user mode may have set AC, which would allow us its pages */
9:	mov	%rsp, %rdi
	.endm

/* SYSCALL leaves the user's stack in rsp, rip in rcx and rflags in r11, with interrupts masked (SDM vol. 2B). This code builds
 * the frame that INT would push. With one processor and no interrupts, two words of memory are enough. */
	.globl	x86_syscall_entry
x86_syscall_entry:
	mov	%rsp, user_rsp(%rip)
	mov	x86_kernel_stack(%rip), %rsp
	push	$SEL_USER_DATA
	push	user_rsp(%rip)
	push	%r11
	push	$SEL_USER_CODE64
	push	%rcx
	push	$0
	push	$VECTOR_SYSCALL
/* A system call goes directly to syscall(), without trap(). */
.Lprogram_asks:
	save_frame
	call	syscall
	jmp	trap_return

	.globl	trap_stub_syscall
trap_stub_syscall:
	push	$0
	push	$VECTOR_SYSCALL
	testb	$SEL_RPL_MASK, FRAME_CS - FRAME_VECTOR(%rsp)
	jnz	.Lprogram_asks		/* the kernel makes no system calls: trap() handles it as an exception */

/* A non-maskable interrupt can arrive between any two instructions. So nmi() does all of its handling: trap() is not called, and
 * no process switch happens on return. It has a stack of its own, because rsp is the program's until SYSCALL's entry has loaded
 * the kernel's. The next NMI waits for this one's IRET, and nmi() does not fault. */
	.balign STUB_ALIGN
	.globl	trap_stub_nmi
trap_stub_nmi:
	push	$0
	push	$VECTOR_NMI
	save_frame
	call	nmi
	jmp	trap_return

/* #UD on a CPU without SYSCALL: the instruction can be SYSCALL, or undefined on every CPU. */
	.globl	trap_stub_undefined
trap_stub_undefined:
	push	$0
	push	$VECTOR_UD
	save_frame
	call	x86_undefined
	jmp	trap_return

/* in:       the CPU's frame, error code and vector pushed; interrupts off
 * out:      the frame as trap() left it, loaded
 * clobbers: nothing */
trap_common:
	save_frame
	call	trap
trap_return:
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rbp
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	add	$16, %rsp		/* vector and code */
	return_to_frame	iretq	/* not SYSRET: on Intel's CPUs it may fault on the program's stack */

/* arch_user_resume(const struct trap_frame *)
 * in:       rdi = frame, interrupts off
 * out:      does not return
 * clobbers: everything */
	.globl	arch_user_resume
arch_user_resume:
	mov	%rdi, %rsp
	jmp	trap_return

	.bss
	.balign	8
user_rsp:
	.skip	8
	.globl	x86_kernel_stack
x86_kernel_stack:
	.skip	8
