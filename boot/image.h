/* boot/image.h - struct image_header by offset, for the assembly that writes and reads it, and sizes that both know.
 * SPDX-License-Identifier: MIT
 *
 * Checked in boot/boot_info.h.
 */
#pragma once

#define IMAGE_MAGIC     0x454d4950     /* "PIME" */
#define BOOT_INFO_BYTES 4096

#define HEADER_MAGIC       0
#define HEADER_SIZE        4
#define HEADER_BASE        8
#define HEADER_TEXT        16
#define HEADER_RODATA      24
#define HEADER_DATA        32
#define HEADER_END         40
#define HEADER_ENTRY       48
#define HEADER_STACK_TOP   56
#define HEADER_BOOT_INFO   64
#define HEADER_POOL        72
#define HEADER_POOL_BYTES  80
#define HEADER_SELFMAP     88
#define HEADER_DIRECT      104
#define HEADER_STACK_GUARD 112
#define HEADER_BYTES       120

#ifdef __ASSEMBLER__
/* A 64-bit field. A 32-bit object has no 64-bit relocations: its upper halves are zero. .org refuses to go back, so the
 * fields stand in this order and none is written twice. */
	.macro	header_field at, value
	.org	image_header + \at
#ifdef __x86_64__
	.quad	\value
#else
	.long	\value, 0
#endif
	.endm

/* base: the virtual address of physical 0 in the image's own mapping; direct: in the direct map. selfmap0 and selfmap1:
 * where the format's self-map goes, by the lowest bit of enum boot_format. */
	.macro	image_header_words base, direct, selfmap0, selfmap1
	.globl	image_header
image_header:
	.long	IMAGE_MAGIC, HEADER_BYTES
	header_field HEADER_BASE, \base
	header_field HEADER_TEXT, text_start
	header_field HEADER_RODATA, rodata_start
	header_field HEADER_DATA, data_start
	header_field HEADER_END, image_end
	header_field HEADER_ENTRY, kernel_entry
	header_field HEADER_STACK_TOP, kernel_stack_top
	header_field HEADER_BOOT_INFO, boot_info
	header_field HEADER_POOL, table_pool
	header_field HEADER_POOL_BYTES, TABLE_POOL_BYTES
	header_field HEADER_SELFMAP, \selfmap0
	header_field HEADER_SELFMAP + 8, \selfmap1
	header_field HEADER_DIRECT, \direct
	header_field HEADER_STACK_GUARD, kernel_stack_guard
	.org	image_header + HEADER_BYTES
	.endm
#endif
