/* arch/x86/i386/entry.S - the first instructions at the kernel's own address, and what the image says of itself.
 * SPDX-License-Identifier: MIT
 */
#include "arch_layout.h"
#include "boot/image.h"

	.section .header, "a"
	image_header_words DIRECT_MAP_BASE, DIRECT_MAP_BASE, SELFMAP_LEGACY, SELFMAP_PAE

	.section .text.entry, "ax"
/* in:       eax = struct boot_info, translation on, boot stage's stack and GDT through the identity map
 * out:      does not return
 * clobbers: everything */
	.globl	kernel_entry
kernel_entry:
	mov	$kernel_stack_top, %esp
	xor	%ebp, %ebp		/* the end of every back-trace */
	call	kmain			/* its argument goes in eax, too */
0:	cli
	hlt
	jmp	0b
