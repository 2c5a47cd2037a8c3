/* boot/x86/entry.S - the multiboot 2 header and the first instruction.
 * SPDX-License-Identifier: MIT
 *
 * Every fetch in this file is untranslated: address = physical address.
 */
#include "boot/x86/multiboot.h"
#include "hw/x86/regs.h"

	.section .multiboot, "a"

/* Multiboot 2, for GRUB (specification 2.0, 3.1). */
	.balign 8
mb2_header:
	.long	MB2_HEADER_MAGIC
	.long	MB2_ARCH_I386
	.long	mb2_header_end - mb2_header
	.long	-(MB2_HEADER_MAGIC + MB2_ARCH_I386 + (mb2_header_end - mb2_header))
	.balign 8
	.short	MB2_HEADER_TAG_END, 0
	.long	MB2_HEADER_TAG_SIZE
mb2_header_end:

	.section .text.entry, "ax"

/* in:       eax = loader's magic, ebx = physical address of its information
 *           flat 32-bit segments, interrupts off, paging off, stack unknown
 *           (PVH: eax unknown, ebx = struct pvh_start)
 * out:      does not return
 * clobbers: everything */
	.globl	boot_entry
boot_entry:
	cld
	mov	$boot_stack_top, %esp
	mov	%eax, %esi
	/* The loader's GDT may lie in memory that we shall use: load our own before any segment
	 * register is reloaded by an exception or a far jump. */
	lgdt	boot_gdt_pointer
	ljmp	$SEL_KERNEL_CODE, $1f
1:	mov	$SEL_KERNEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%eax, %ss
	push	%ebx
	push	%esi
	call	boot_main
0:	cli
	hlt
	jmp	0b

	.section .rodata
	.balign 8
	.globl	boot_gdt
boot_gdt:
	.quad	0
	.quad	GDT_FLAT_CODE
	.quad	GDT_FLAT_DATA
	.quad	GDT_CODE64		/* not used by a 32-bit kernel */
boot_gdt_end:
	.globl	boot_gdt_pointer
boot_gdt_pointer:
	.short	boot_gdt_end - boot_gdt - 1
	.long	boot_gdt

	.section .bss
	.balign 16
	.globl	boot_stack_bottom
	.globl	boot_stack_top
boot_stack_bottom:
	.skip	BOOT_STACK_BYTES
boot_stack_top:
