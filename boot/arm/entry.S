/* boot/arm/entry.S - the first instruction, wherever the loader put it.
 * SPDX-License-Identifier: MIT
 *
 * Translation is off: every fetch in this file is untranslated, and until the branch to the linked address nothing
 * may depend on the link address. `adr` is an addition to the program counter and gives the current address; a word that the
 * linker filled has the link address. `ldr` from a nearby word, `b` and `bl` are
 * relative to the program counter too, so the code below is right at any address.
 */
#include "boot/arm/stages.h"
#include "boot/image.h"
#include "hw/arm/regs.h"

	.syntax unified
	.arch_extension virt
	.section .text.entry, "ax"

/* in:       r2 = physical address of the device tree, or 0 (an ELF started by QEMU finds it where RAM begins)
 *           translation and data cache off (Linux's boot protocol for ARM, which loaders follow)
 * out:      does not return
 * clobbers: everything */
	.globl	boot_entry
boot_entry:
	cpsid	aif
	/* On another machine there may be no memory to move to. The stage's stack, where it was loaded, is memory. */
	adr	r4, boot_entry
	ldr	r5, stack_offset
	add	sp, r4, r5
	mov	r10, r2
	mov	r0, r2
	bl	boot_refuse_foreign	/* position-independent, as all code up to in_place */
	mov	r2, r10
	mov	r11, #0			/* so far nothing was moved */
at_home:
	adr	r4, boot_entry		/* where this runs */
	ldr	r5, linked_at		/* where it should */
	cmp	r4, r5
	beq	in_place
	mov	r11, r4			/* for the boot trace; the copy starts with it again */
	/* The header after the boot stage has the length of the image. */
	ldr	r6, header_offset
	add	r6, r6, r4
	ldr	r7, [r6, #HEADER_END]
	ldr	r8, [r6, #HEADER_BASE]
	sub	r7, r7, r8		/* the image's end where it should be */
	sub	r8, r7, r5		/* bytes */
	add	r6, r4, r8		/* its end where it is */
	blo	move_up
	/* From above to below: the lowest word first, so that an overlap does no harm. */
move_down:
	ldr	r9, [r4], #4
	str	r9, [r5], #4
	cmp	r5, r7
	blo	move_down
	b	moved
	/* From below to above: the highest word first. */
move_up:
	ldr	r9, [r6, #-4]!
	str	r9, [r7, #-4]!
	cmp	r7, r5
	bhi	move_up
moved:
	/* The instruction cache may be on and hold what was at the new place before (B2.2.9). */
	mov	r9, #0
	mcr	p15, 0, r9, c7, c5, 0	/* ICIALLU */
	mcr	p15, 0, r9, c7, c5, 6	/* BPIALL */
	dsb
	isb
	ldr	pc, home_at		/* the same physical memory, another copy: starts again there, with r11 */

linked_at:
	.word	boot_entry
home_at:
	.word	at_home
header_offset:
	.word	boot_end - boot_entry
stack_offset:
	.word	boot_stack_top - boot_entry

/* Absolute addresses are right from here on. */
in_place:
	mrs	r4, cpsr
	and	r4, r4, #PSR_MODE_MASK
	cmp	r4, #PSR_HYP
	bne	1f
	/* HYP mode is not used. Its traps stay as reset left them: none; the counters are let through (B8.1.1). */
	mov	r4, #CNTHCTL_ALL
	mcr	p15, 4, r4, c14, c1, 0	/* CNTHCTL */
	mov	r4, #0
	mcrr	p15, 4, r4, r4, c14	/* CNTVOFF */
	mov	r4, #(PSR_A | PSR_I | PSR_F | PSR_SVC)
	msr	spsr_cxsf, r4
	adr	r4, 1f
	msr	elr_hyp, r4
	eret
1:	cps	#PSR_SVC
	ldr	sp, =boot_stack_top
	mov	r0, r2
	mov	r1, r11
	mov	fp, #0			/* the end of every back-trace */
	bl	boot_main
0:	wfi
	b	0b

	.section .bss
	.balign 8
	.globl	boot_stack_bottom
	.globl	boot_stack_top
boot_stack_bottom:
	.skip	BOOT_STACK_BYTES
boot_stack_top:
