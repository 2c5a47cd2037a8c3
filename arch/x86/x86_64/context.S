/* arch/x86/x86_64/context.S - switching stacks, catch and throw.
 * SPDX-License-Identifier: MIT
 */

#include "hw/x86/regs.h"

#define JUMP_RBX 0
#define JUMP_RBP 8
#define JUMP_R12 16
#define JUMP_R13 24
#define JUMP_R14 32
#define JUMP_R15 40
#define JUMP_RSP 48
#define JUMP_RIP 56

	.text

/* A trap frame has no data segment registers, which 64-bit code does not use, but a program can load them and must not see
 * another's. One word: ds, es, fs, gs. The program loaded each of them, so no load faults here. */
	.macro	push_segments
	sub	$8, %rsp
	mov	%ds, (%rsp)
	mov	%es, 2(%rsp)
	mov	%fs, 4(%rsp)
	mov	%gs, 6(%rsp)
	.endm

/* arch_switch(struct arch_context *from, const struct arch_context *to)
 * in:       rdi = from, rsi = to, interrupts off
 * out:      on the other stack, wherever it called this
 * clobbers: what a call may */
	.globl	arch_switch
arch_switch:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push_segments
	mov	(%rsp), %rcx
	mov	%rsp, (%rdi)
	mov	(%rsi), %rsp
	pop	%rax
	cmp	%rax, %rcx
	jne	load_segments		/* seldom: programs leave them null */
segments_loaded:
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret

load_segments:
	mov	%eax, %ds
	shr	$16, %rax
	mov	%eax, %es
	shr	$16, %rax
	mov	%eax, %fs
	shr	$16, %rax
	mov	%eax, %gs
	jmp	segments_loaded

/* The first return of a new context. in: r12 = entry, r13 = its argument. out: does not return. */
	.globl	arch_context_start
arch_context_start:
	mov	%r13, %rdi
	call	*%r12
	ud2

/* arch_catch(struct arch_jump *)
 * in:       rdi = where to keep the callee's registers
 * out:      eax = 0, or 1 when thrown to
 * clobbers: rcx */
	.globl	arch_catch
arch_catch:
	mov	%rbx, JUMP_RBX(%rdi)
	mov	%rbp, JUMP_RBP(%rdi)
	mov	%r12, JUMP_R12(%rdi)
	mov	%r13, JUMP_R13(%rdi)
	mov	%r14, JUMP_R14(%rdi)
	mov	%r15, JUMP_R15(%rdi)
	lea	8(%rsp), %rcx		/* the stack as it will be after our return */
	mov	%rcx, JUMP_RSP(%rdi)
	mov	(%rsp), %rcx
	mov	%rcx, JUMP_RIP(%rdi)
	xor	%eax, %eax
	ret

/* arch_throw(const struct arch_jump *)
 * in:       rdi = what arch_catch filled
 * out:      does not return
 * clobbers: everything */
	.globl	arch_throw
arch_throw:
	mov	JUMP_RBX(%rdi), %rbx
	mov	JUMP_RBP(%rdi), %rbp
	mov	JUMP_R12(%rdi), %r12
	mov	JUMP_R13(%rdi), %r13
	mov	JUMP_R14(%rdi), %r14
	mov	JUMP_R15(%rdi), %r15
	mov	JUMP_RSP(%rdi), %rsp
	/* Delivery on an IST stack leaves the null selector in SS, and only IRET would undo that. */
	mov	$SEL_KERNEL_DATA, %eax
	mov	%eax, %ss
	mov	$1, %eax
	cld
	jmp	*JUMP_RIP(%rdi)
