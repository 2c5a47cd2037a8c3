/* arch/x86/x86_64/entry.S - the first instructions at the kernel's own address, and what the image says of itself.
 * SPDX-License-Identifier: MIT
 */
#include "arch_layout.h"
#include "boot/image.h"

	.section .header, "a"
	image_header_words IMAGE_BASE, DIRECT_MAP_BASE, SELFMAP_X64, SELFMAP_LA57

	.section .text.entry, "ax"
/* in:       rdi = struct boot_info, 64-bit code, translation on, boot stage's stack and GDT through the identity map
 * out:      does not return
 * clobbers: everything */
	.globl	kernel_entry
kernel_entry:
	mov	$kernel_stack_top, %rsp
	xor	%ebp, %ebp		/* the end of every back-trace */
	call	kmain
0:	cli
	hlt
	jmp	0b
