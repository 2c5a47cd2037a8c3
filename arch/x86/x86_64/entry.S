/* arch/x86/x86_64/entry.S - the first instructions at the kernel's own address, and what the image says of itself.
 * SPDX-License-Identifier: MIT
 */
#include "arch_layout.h"
#include "boot/x86/image.h"

	.section .header, "a"
/* struct x86_image (boot/x86/boot.h) */
	.globl	image_header
image_header:
	.long	IMAGE_MAGIC_WORD
	.long	image_header_end - image_header
	.irp	address, IMAGE_BASE, text_start, rodata_start, data_start, image_end, kernel_entry, \
		kernel_stack_top, boot_info, table_pool, TABLE_POOL_BYTES, SELFMAP_X64, SELFMAP_LA57, \
		DIRECT_MAP_BASE, kernel_stack_guard
	.quad	\address
	.endr
image_header_end:

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
