/* hw/x86/x86_64/arch_layout.h - where things are in an x86_64 address space; constants for C and assembly.
 * SPDX-License-Identifier: MIT
 *
 * Five-level paging keeps the addresses of four levels, but for the self-map.
 */
#pragma once

#define USER_END         0x0000800000000000
#define USER_ELF_MACHINE 62           /* EM_X86_64 */
#define USER_ENTRY_ALIGN 1
#define USER_PEB         0x000007FFFFFDB000   /* where the documents have it */
#define USER_STACK_TOP   0x000007FFFFFD0000
#define USER_MMAP        0x0000000010000000
#define DIRECT_MAP_BASE  0xFFFF880000000000
#define DIRECT_MAP_SIZE  0x0000400000000000   /* 64 TiB */
#define DIRECT_MAP_PHYS  0
#define DEVICE_PHYS      0xB8000              /* the text on a PC's screen */
#define VMALLOC_START    0xFFFFC90000000000
#define VMALLOC_END      0xFFFFE90000000000
#define FRAME_DB_BASE    0xFFFFEA0000000000
#define FRAME_DB_END     0xFFFFEB0000000000
#define SELFMAP_X64      0xFFFFF68000000000   /* slot 0x1ED of the top table */
#define SELFMAP_LA57     0xFFED000000000000   /* the same slot, one level up */
#define KMAP_START       0xFFFFF80000000000
#define KMAP_END         0xFFFFF80000200000
#define DEVICE_START     0xFFFFF80000200000
#define DEVICE_END       0xFFFFF80040000000
#define KSTACK_START     0xFFFFF80040000000
#define KSTACK_END       0xFFFFF80044000000
#define IMAGE_BASE       0xFFFFFFFF80000000   /* shows physical 0, as far as the image reaches */
#define KERNEL_STACK_BYTES 16384
#define TABLE_POOL_BYTES   (24 * 4096)
#define BOOT_RECORD_PA     0x90000    /* a reset leaves it alone under -kernel, GRUB and OVMF */
