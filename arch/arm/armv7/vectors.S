/* arch/arm/armv7/vectors.S - exceptions: from eight vectors to trap() on the kernel's stack, and back.
 * SPDX-License-Identifier: MIT
 *
 * Everything is handled in SVC mode. The other modes' stack pointers name a few words each, enough to get there:
 *
 *   psr | r0 | r1 | pc      SVC itself has no such words: they lie below its stack pointer, where the frame's last
 *                           will be
 */
#include "arch/arm/armv7/uaccess.h"
#include "arch/arm/frame.h"
#include "hw/arm/regs.h"

	.syntax unified
#define MODE_BITS_BUT_USR 0xF      /* all clear in user mode, PSR_USR is 10 */

	.section .text.vectors, "ax"
	.balign 32			/* VBAR has bits 31:5 */
vectors:
	b	enter_reset
	b	enter_undef
	b	enter_svc
	b	enter_prefetch
	b	enter_data
	b	enter_hyp
	b	enter_irq
	b	enter_fiq

/* back: how far the link register is beyond the instruction to return to (table B1-7). */
	.macro	enter name, vector, back
enter_\name:
	.if	\back
	sub	lr, lr, #\back
	.endif
	stmib	sp, {r0, r1, lr}
	mrs	r0, spsr
	str	r0, [sp, #SCRATCH_PSR]
	mov	r0, sp
	mov	r1, #\vector
	cps	#PSR_SVC
	b	trap_entry
	.endm

	enter	reset, VECTOR_RESET, 0
	enter	prefetch, VECTOR_PREFETCH, 4
	enter	hyp, VECTOR_HYP, 0
	enter	irq, VECTOR_IRQ, 4
	enter	fiq, VECTOR_FIQ, 4

/* The link register is behind the instruction by its length in ARM state and by 2 in Thumb state, whatever the
 * instruction's length there. */
enter_undef:
	stmib	sp, {r0, r1, lr}
	mrs	r0, spsr
	str	r0, [sp, #SCRATCH_PSR]
	tst	r0, #PSR_T
	subeq	lr, lr, #4
	subne	lr, lr, #2
	str	lr, [sp, #SCRATCH_PC]
	mov	r0, sp
	mov	r1, #VECTOR_UNDEF
	cps	#PSR_SVC
	b	trap_entry

/* Only user mode makes system calls, so the stack is empty. */
enter_svc:
	stmdb	sp, {r0, r1, lr}
	mrs	r0, spsr
	str	r0, [sp, #-16]
	sub	r0, sp, #16
	mov	r1, #VECTOR_SVC
	b	trap_entry

/* The kernel stack itself may be the unmapped page: a stack overflow needs another stack, or the aborts would never end. */
enter_data:
	sub	lr, lr, #8
	stmib	sp, {r0, r1, lr}
	mrs	r0, spsr
	str	r0, [sp, #SCRATCH_PSR]
	tst	r0, #MODE_BITS_BUT_USR
	beq	1f			/* from user mode: the stack is empty and was there when it left */
	cps	#PSR_SVC
	mov	r1, sp
	cps	#PSR_ABT
	str	r1, [sp, #SCRATCH_SP]
	sub	r0, r1, #FRAME_BYTES
	mcr	p15, 0, r0, c7, c8, 1	/* ATS1CPW: may the kernel write where the frame will begin? */
	isb				/* PAR is filled before it is read (B3.12.5) */
	mrc	p15, 0, r0, c7, c4, 0
	tst	r0, #PAR_F
	bne	2f
	sub	r1, r1, #4
	mcr	p15, 0, r1, c7, c8, 1	/* and where it will end? */
	isb
	mrc	p15, 0, r0, c7, c4, 0
	tst	r0, #PAR_F
	bne	2f
1:	mov	r0, sp
	mov	r1, #VECTOR_DATA
	cps	#PSR_SVC
	b	trap_entry
2:	mov	r0, sp
	mov	r1, #VECTOR_STACK
	cps	#PSR_SVC
	ldr	sp, =emergency_stack_top

/* in:       SVC mode, interrupts masked; r0 = psr, r0, r1, pc of what was interrupted; r1 = VECTOR_*; everything else
 *           as it was */
trap_entry:
	tst	sp, #4			/* C requires 8-byte stack alignment; the interrupted code may be between two pushes */
	sub	sp, sp, #FRAME_BYTES
	subne	sp, sp, #4
	str	r1, [sp, #FRAME_VECTOR]
	add	r1, sp, #FRAME_BYTES
	addne	r1, r1, #4
	str	r1, [sp, #FRAME_SP]
	str	lr, [sp, #FRAME_LR]
	add	r1, sp, #FRAME_R2
	stmia	r1, {r2-r12}
	ldmia	r0, {r2-r5}		/* psr, r0, r1, pc */
	stmia	sp, {r3, r4}
	str	r5, [sp, #FRAME_PC]
	str	r2, [sp, #FRAME_PSR]
	tst	r2, #MODE_BITS_BUT_USR
	addeq	r1, sp, #FRAME_SP
	stmiaeq	r1, {sp, lr}^		/* user mode's own */
	ldr	r6, [sp, #FRAME_VECTOR]
	mov	r7, #0
	mov	r8, #0
	cmp	r6, #VECTOR_STACK
	ldreq	r1, [r0, #SCRATCH_SP]
	streq	r1, [sp, #FRAME_SP]
	cmpne	r6, #VECTOR_DATA
	mrceq	p15, 0, r7, c5, c0, 0	/* DFSR */
	mrceq	p15, 0, r8, c6, c0, 0	/* DFAR */
	cmp	r6, #VECTOR_PREFETCH
	mrceq	p15, 0, r7, c5, c0, 1	/* IFSR */
	mrceq	p15, 0, r8, c6, c0, 2	/* IFAR */
	add	r1, sp, #FRAME_FSR
	stmia	r1, {r7, r8}
	/* The kernel cannot access user memory until a copy function enables it. */
	ldr	r4, =arm_access
	access_read r5, r4, r6
	str	r5, [sp, #FRAME_UACCESS]
	ldr	r6, [r4, #ACCESS_CLOSED]
	cmp	r5, r6
	beq	3f
	access_write r6, r4, r7
3:	mov	r0, sp
	ldr	r1, [sp, #FRAME_VECTOR]
	cmp	r1, #VECTOR_SVC
	beq	4f
	bl	trap
	b	trap_return
4:	bl	syscall			/* system call: bypasses trap() */

/* in:       sp = frame */
trap_return:
	cpsid	i
	ldr	r4, =arm_access
	access_read r5, r4, r6
	ldr	r6, [sp, #FRAME_UACCESS]
	cmp	r5, r6
	beq	1f
	access_write r6, r4, r7
1:	clrex				/* a reservation that was taken before is not this context's (A3.4.5) */
	ldr	r2, [sp, #FRAME_PSR]
	msr	spsr_cxsf, r2
	tst	r2, #MODE_BITS_BUT_USR
	bne	2f
	ldmia	sp, {r0-r12, sp, lr}^	/* user mode's own; the base stays */
	nop				/* no banked register right after it (A8.8.59) */
	add	sp, sp, #FRAME_BYTES
	ldr	lr, [sp, #(FRAME_PC - FRAME_BYTES)]
	movs	pc, lr			/* the next fetch is user mode's */
2:	ldmia	sp, {r0-r12, sp, lr, pc}^

/* arm_resume(const struct trap_frame *)
 * in:       r0 = a frame of user mode, at or below the place on the kernel's stack where it will be
 * out:      does not return */
	.globl	arm_resume
arm_resume:
	cpsid	i
	ldr	r1, =arm_kernel_stack
	ldr	r1, [r1]		/* one past the copy */
	add	r0, r0, #FRAME_BYTES
	mov	r2, #FRAME_BYTES
	mov	r4, r1
	/* From the last word down: the two may overlap. */
1:	ldr	r3, [r0, #-4]!
	str	r3, [r1, #-4]!
	subs	r2, r2, #4
	bne	1b
	mov	sp, r1
	b	trap_return

/* arm_vectors_init(void): VBAR, and the words of each exception mode. SVC mode, interrupts masked.
 * clobbers: r0, r1 */
	.globl	arm_vectors_init
arm_vectors_init:
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0	/* VBAR */
	isb
	ldr	r1, =scratch
	.irp	mode, PSR_FIQ, PSR_IRQ, PSR_ABT, PSR_UND
	cps	#\mode
	mov	sp, r1
	add	r1, r1, #SCRATCH_BYTES
	.endr
	cps	#PSR_SVC
	bx	lr

	.section .bss
	.balign 8
scratch:
	.skip	4 * SCRATCH_BYTES
	.skip	EMERGENCY_STACK_BYTES
emergency_stack_top:
