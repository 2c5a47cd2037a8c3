/* arch/arm/armv7/entry.S - the first instructions at the kernel's own address, and what the image says of itself.
 * SPDX-License-Identifier: MIT
 */
#include "arch_layout.h"
#include "boot/image.h"
#include "hw/arm/regs.h"

#define GUARD_BYTES      4096       /* a page */
#define TABLE_POOL_ALIGN 16384      /* a root of short descriptors */

	.syntax unified
	.section .header, "a"
/* There is no self-map. */
	image_header_words (DIRECT_MAP_BASE - DIRECT_MAP_PHYS), (DIRECT_MAP_BASE - DIRECT_MAP_PHYS), 0, 0

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
	.globl	kernel_stack_guard
kernel_stack_guard:
	.skip	GUARD_BYTES		/* never mapped: a stack that is too deep aborts */
	.skip	KERNEL_STACK_BYTES
	.globl	kernel_stack_top
kernel_stack_top:
	.globl	boot_info
boot_info:
	.skip	BOOT_INFO_BYTES
