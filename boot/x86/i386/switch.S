/* boot/x86/i386/switch.S - the switch itself: format, root, paging, jump.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/stages.h"
#include "hw/x86/regs.h"

	.section .text.switch, "ax"


/* mmu_switch(const struct switch_args *)
 * in:       4(%esp) = arguments at their physical address
 * out:      does not return; at the kernel's entry eax = struct boot_info at its high address
 * clobbers: everything */
	.globl	mmu_switch
mmu_switch:
	mov	4(%esp), %ebx
	/* Untranslated from here to the write to CR0. A CPU without CR4 gets zero and no write. */
	mov	ARG_CR4(%ebx), %eax
	test	%eax, %eax
	jz	1f
	mov	%eax, %cr4
1:	cmpl	$0, ARG_EFER(%ebx)
	je	2f
	/* NXE before the root is used: with it off, bit 63 would be a reserved bit. */
	mov	$MSR_EFER, %ecx
	rdmsr
	or	ARG_EFER(%ebx), %eax
	wrmsr
2:	note	NOTE_CONTROL
	/* In PAE this reads nothing yet: the PDPTE registers are filled when PG is set. */
	mov	ARG_CR3(%ebx), %eax
	mov	%eax, %cr3
	note	NOTE_ROOT
	mov	ARG_CR0(%ebx), %ecx
	.globl	mmu_enable_paging
mmu_enable_paging:
	mov	%ecx, %cr0		/* the next fetch goes through the identity map */
	.globl	mmu_paging_on
mmu_paging_on:
	note	NOTE_PAGING
	mov	ARG_INFO(%ebx), %eax
	mov	ARG_ENTRY(%ebx), %ecx
	push	$SEL_KERNEL_CODE
	push	%ecx
	.globl	mmu_jump_high
mmu_jump_high:
	lret				/* the next fetch goes through the kernel's half; CS's descriptor came through this map */
