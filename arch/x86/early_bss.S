/* arch/x86/early_bss.S - early .bss: memory of the boot stage: first tables, first stack, boot_info.
 * SPDX-License-Identifier: MIT
 */
#include "arch_layout.h"
#include "boot/image.h"

#define PAGE_BYTES 4096

	.section .bss
	.balign PAGE_BYTES
	.globl	table_pool
table_pool:
	.skip	TABLE_POOL_BYTES
	.globl	kernel_stack_guard
kernel_stack_guard:
	.skip	PAGE_BYTES		/* not mapped at the image's address: a stack that is too deep faults, and twice */
	.skip	KERNEL_STACK_BYTES
	.globl	kernel_stack_top
kernel_stack_top:
	.balign 8
	.globl	boot_info
boot_info:
	.skip	BOOT_INFO_BYTES
