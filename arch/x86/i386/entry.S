/* arch/x86/i386/entry.S - the first instructions at the kernel's own address, and what the image says of itself.
 * SPDX-License-Identifier: MIT
 */
#include "arch_layout.h"
#include "boot/x86/image.h"

	.section .header, "a"
/* struct x86_image (boot/x86/boot.h): 64-bit words whose upper halves are zero here. */
	.long	IMAGE_MAGIC_WORD
	.long	image_header_end - image_header
	.globl	image_header
	.set	image_header, . - 8
	.irp	address, DIRECT_MAP_BASE, text_start, rodata_start, data_start, image_end, kernel_entry, \
		kernel_stack_top, boot_info, table_pool, TABLE_POOL_BYTES, SELFMAP_LEGACY, SELFMAP_PAE, \
		DIRECT_MAP_BASE, kernel_stack_guard
	.long	\address, 0
	.endr
image_header_end:

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
