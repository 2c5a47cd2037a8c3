/* arch/arm/armv7/semihosting.S - a call of the debugger or emulator that may not be there.
 * SPDX-License-Identifier: MIT
 */
	.syntax unified
#define SEMIHOSTING_SVC 0x123456   /* in ARM state: Semihosting for AArch32, 4.1 */

/* Without semihosting the SVC is an exception of the kernel's own: these vectors return from it. */
	.section .text.semihosting, "ax"
	.balign 32			/* VBAR has bits 31:5 */
ignore:
	b	.			/* reset */
	b	.			/* undefined */
	movs	pc, lr			/* SVC */
	b	.			/* prefetch abort */
	b	.			/* data abort */
	b	.			/* HYP */
	b	.			/* IRQ: masked */
	b	.			/* FIQ: masked */

/* arm_semihosting(uint32_t operation, const void *arguments). SVC mode; interrupts stay masked.
 * out:      r0 = the answer, or operation where there is no semihosting
 * clobbers: r2, r3, r12 */
	.globl	arm_semihosting
arm_semihosting:
	cpsid	if
	mov	r3, lr			/* the exception takes lr */
	mrc	p15, 0, r2, c12, c0, 0	/* VBAR */
	adr	r12, ignore
	mcr	p15, 0, r12, c12, c0, 0
	isb
	svc	#SEMIHOSTING_SVC
	mcr	p15, 0, r2, c12, c0, 0
	isb
	bx	r3
