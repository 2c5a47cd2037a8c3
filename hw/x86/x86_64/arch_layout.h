/* hw/x86/x86_64/arch_layout.h - address-space layout of x86_64; constants for C and assembly.
 * SPDX-License-Identifier: MIT
 *
 * With five-level paging only the address of the self-map differs.
 */
#pragma once

#define USER_END         0x0000800000000000
#define USER_ELF_MACHINE 62           /* EM_X86_64 */
#define USER_ENTRY_ALIGN 1
#define USER_PEB         0x000007FFFFFDB000   /* the address in published WinDbg output */
#define USER_STACK_TOP   0x000007FFFFFD0000
#define USER_MMAP        0x0000000010000000
#define DIRECT_MAP_BASE  0xFFFF880000000000
#define DIRECT_MAP_SIZE  0x0000400000000000   /* 64 TiB */
#define DIRECT_MAP_PHYS  0
#define DEVICE_PHYS      0xB8000              /* VGA text buffer */
#define VMALLOC_START    0xFFFFC90000000000
#define VMALLOC_END      0xFFFFE90000000000
#define FRAME_DB_BASE    0xFFFFEA0000000000
#define FRAME_DB_END     0xFFFFEB0000000000
#define SELFMAP_X64      0xFFFFF68000000000   /* entry 0x1ED of the root table */
#define SELFMAP_LA57     0xFFED000000000000   /* the same entry of a five-level root table */
#define KMAP_START       0xFFFFF80000000000
#define KMAP_END         0xFFFFF80000200000
#define DEVICE_START     0xFFFFF80000200000
#define DEVICE_END       0xFFFFF80040000000
#define KSTACK_START     0xFFFFF80040000000
#define KSTACK_END       0xFFFFF80044000000
#define IMAGE_BASE       0xFFFFFFFF80000000   /* maps physical memory from 0 to the end of the image */
#define KERNEL_STACK_BYTES 16384
#define TABLE_POOL_BYTES   (24 * 4096)
#define BOOT_RECORD_PA     0x90000    /* not overwritten by a reset with -kernel, GRUB or OVMF */
