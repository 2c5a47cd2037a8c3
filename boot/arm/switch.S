/* boot/arm/switch.S - the switch itself: format, memory types and domains, root, translation, jump.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/stages.h"
#include "hw/arm/regs.h"

	.syntax unified
	.section .text.switch, "ax"

/* mmu_switch(const struct switch_args *)
 * in:       r0 = arguments at their physical address
 * out:      does not return; at the kernel's entry r0 = struct boot_info at its high address
 * clobbers: everything */
	.globl	mmu_switch
mmu_switch:
	mov	r4, r0
	/* Untranslated from here to the write to SCTLR. The tables were stored with the caches off and are in memory;
	 * done before the walker may read them. */
	dsb
	ldr	r0, [r4, #ARG_TTBCR]
	mcr	p15, 0, r0, c2, c0, 2	/* TTBCR: the format, and which register translates what */
	ldrd	r0, r1, [r4, #ARG_TYPES]
	mcr	p15, 0, r0, c10, c2, 0	/* PRRR or MAIR0 */
	mcr	p15, 0, r1, c10, c2, 1	/* NMRR or MAIR1 */
	ldr	r0, [r4, #ARG_DACR]
	mcr	p15, 0, r0, c3, c0, 0	/* DACR; with the long format it means nothing */
	isb				/* TTBCR.EAE decides how wide TTBR0 is: it must be seen first */
	note	NOTE_CONTROL
	ldr	r0, [r4, #ARG_TTBCR]
	ldrd	r2, r3, [r4, #ARG_TTBR0]
	tst	r0, #TTBCR_EAE
	mcreq	p15, 0, r2, c2, c0, 0	/* TTBR0, 32 bits */
	mcrrne	p15, 0, r2, r3, c2	/* TTBR0, 64 bits */
	ldrd	r2, r3, [r4, #ARG_TTBR1]
	mcreq	p15, 0, r2, c2, c0, 1	/* TTBR1, not used with the short format */
	mcrrne	p15, 1, r2, r3, c2
	/* ASID 0 is the kernel's, and the short format's only one; its value after reset is unknown. */
	mov	r0, #0
	mcr	p15, 0, r0, c13, c0, 1	/* CONTEXTIDR */
	/* TLBs, branch predictor and instruction cache hold anything after reset (B3.10.3, B2.2.9). */
	mcr	p15, 0, r0, c8, c7, 0	/* TLBIALL */
	mcr	p15, 0, r0, c7, c5, 0	/* ICIALLU */
	mcr	p15, 0, r0, c7, c5, 6	/* BPIALL */
	dsb				/* all of them are finished, */
	isb				/* and what is fetched from here on was fetched after them */
	note	NOTE_ROOT
	ldr	r0, [r4, #ARG_SCTLR]
	.globl	mmu_enable
mmu_enable:
	mcr	p15, 0, r0, c1, c0, 0	/* SCTLR: the next fetch goes, or soon goes, through the identity map */
	isb				/* and the fetch after this one surely does */
	.globl	mmu_paging_on
mmu_paging_on:
	note	NOTE_PAGING
	ldr	r0, [r4, #ARG_INFO]
	ldr	r1, [r4, #ARG_ENTRY]
	.globl	mmu_jump_high
mmu_jump_high:
	bx	r1			/* the next fetch goes through the kernel's half */
