/* arch/arm/armv7/entry.S - the first instructions at the kernel's own address, and what the image says of itself.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/armv7/image.h"
#include "hw/arm/regs.h"
#include "arch_layout.h"

	.syntax unified
	.section .header, "a"
/* struct arm_image (boot/arm/boot.h): 64-bit words whose upper halves are zero here; there is no self-map. */
	.globl	image_header
image_header:
	.long	IMAGE_MAGIC_WORD
	.long	image_header_end - image_header
	.irp	address, DIRECT_MAP_BASE - DIRECT_MAP_PHYS, text_start, rodata_start, data_start, image_end, \
		kernel_entry, kernel_stack_top, boot_info, table_pool, TABLE_POOL_BYTES, 0, 0, \
		kernel_stack_guard
	.long	\address, 0
	.endr
image_header_end:

	.section .text.entry, "ax"
/* in:       r0 = struct boot_info, translation on, boot stage's stack through the identity map, interrupts masked
 * out:      does not return
 * clobbers: everything */
	.globl	kernel_entry
kernel_entry:
	ldr	sp, =kernel_stack_top
	mov	fp, #0			/* the end of every back-trace */
	bl	kmain
0:	wfi
	b	0b

	.section .bss
	.balign TABLE_POOL_ALIGN
	.globl	table_pool
table_pool:
	.skip	TABLE_POOL_BYTES
kernel_stack_guard:
	.skip	GUARD_BYTES		/* never mapped: a stack that is too deep aborts */
	.skip	KERNEL_STACK_BYTES
	.globl	kernel_stack_top
kernel_stack_top:
	.globl	boot_info
boot_info:
	.skip	BOOT_INFO_BYTES
