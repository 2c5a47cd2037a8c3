/* arch/arm/armv7/context.S - switching stacks, catch and throw, whole pages.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/frame.h"

	.syntax unified
	.text

/* arch_switch(struct arch_context *from, const struct arch_context *to)
 * in:       r0 = from, r1 = to, interrupts off
 * out:      on the other stack, wherever it called this; user mode's registers are in its frame
 * clobbers: r0-r3, r12 */
	.globl	arch_switch
arch_switch:
	mrc	p15, 0, r12, c13, c0, 2	/* TPIDRURW: user mode's own, and in no trap frame */
	push	{r4-r11, r12, lr}
	str	sp, [r0]
	ldr	sp, [r1]
	pop	{r4-r11, r12, lr}
	mcr	p15, 0, r12, c13, c0, 2
	bx	lr

/* Where a fresh stack begins: r4 = entry, r5 = its argument. */
	.globl	arm_context_start
arm_context_start:
	mov	r0, r5
	blx	r4
	udf	#0			/* entry must not return */

/* arch_catch(struct arch_jump *)
 * in:       r0 = where to keep the callee's registers
 * out:      r0 = 0, or 1 when thrown to
 * clobbers: r12 */
	.globl	arch_catch
arch_catch:
	mov	r12, sp
	stmia	r0, {r4-r11, r12, lr}
	mov	r0, #0
	bx	lr

/* arch_throw(const struct arch_jump *)
 * in:       r0 = what arch_catch filled
 * out:      does not return */
	.globl	arch_throw
arch_throw:
	ldmia	r0, {r4-r11, r12, lr}
	mov	sp, r12
	mov	r0, #1
	bx	lr

#define PAGE_BYTES  4096
#define BLOCK_BYTES 32

/* arch_page_zero(void *page)
 * in:       r0 = page-aligned
 * clobbers: r0-r3, r12 */
	.globl	arch_page_zero
arch_page_zero:
	push	{r4-r8, lr}
	add	r12, r0, #PAGE_BYTES
	.irp	reg, r1, r2, r3, r4, r5, r6, r7, r8
	mov	\reg, #0
	.endr
1:	stmia	r0!, {r1-r8}
	stmia	r0!, {r1-r8}
	cmp	r0, r12
	blo	1b
	pop	{r4-r8, pc}

/* arch_page_copy(void *to, const void *from)
 * in:       both page-aligned
 * clobbers: r0-r3, r12 */
	.globl	arch_page_copy
arch_page_copy:
	push	{r4-r9, r10, lr}
	add	r12, r0, #PAGE_BYTES
1:	ldmia	r1!, {r2-r9}
	stmia	r0!, {r2-r9}
	cmp	r0, r12
	blo	1b
	pop	{r4-r9, r10, pc}
