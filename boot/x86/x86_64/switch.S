/* boot/x86/x86_64/switch.S - the switch itself: format, root, paging, 64-bit code, jump.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/stages.h"
#include "hw/x86/regs.h"

	.section .text.switch, "ax"

/* mmu_switch(const struct switch_args *)
 * in:       4(%esp) = arguments at their physical address
 * out:      does not return; at the kernel's entry rdi = struct boot_info at its high address
 * clobbers: everything */
	.globl	mmu_switch
mmu_switch:
	mov	4(%esp), %ebx
	/* Untranslated from here to the write to CR0. */
	mov	ARG_CR4(%ebx), %eax
	mov	%eax, %cr4
	/* LME says what PG will switch on; NXE before the root is used: with it off, bit 63 would be a reserved bit. */
	mov	$MSR_EFER, %ecx
	rdmsr
	or	ARG_EFER(%ebx), %eax
	wrmsr
	note	NOTE_CONTROL
	mov	ARG_CR3(%ebx), %eax
	mov	%eax, %cr3
	note	NOTE_ROOT
	mov	ARG_CR0(%ebx), %ecx
	.globl	mmu_enable_paging
mmu_enable_paging:
	mov	%ecx, %cr0		/* the next fetch goes through the identity map, in compatibility mode */
	.globl	mmu_paging_on
mmu_paging_on:
	note	NOTE_PAGING
	.globl	mmu_long_mode
mmu_long_mode:
	ljmp	$SEL_BOOT_CODE64, $1f	/* the same map; from the next instruction on, 64-bit code */
	.code64
1:	mov	ARG_INFO(%rbx), %rdi
	mov	ARG_ENTRY(%rbx), %rcx
	.globl	mmu_jump_high
mmu_jump_high:
	jmp	*%rcx			/* the next fetch goes through the kernel's half */
