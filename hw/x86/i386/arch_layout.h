/* hw/x86/i386/arch_layout.h - address-space layout of i386; constants for C and assembly.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define USER_END         0xC0000000
#define USER_ELF_MACHINE 3            /* EM_386 */
#define USER_ENTRY_ALIGN 1
#define USER_PEB         0x7FFD9000   /* the address in published WinDbg output */
#define USER_STACK_TOP   0x7FFD0000
#define USER_MMAP        0x10000000   /* mmap searches for free ranges from here to the stack limit */
#define DIRECT_MAP_BASE  0xC0000000
#define DIRECT_MAP_SIZE  0x38000000   /* 896 MiB */
#define DIRECT_MAP_PHYS  0
#define DEVICE_PHYS      0xB8000      /* VGA text buffer */
#define VMALLOC_START    0xF8000000
#define VMALLOC_END      0xFE000000
#define KMAP_START       0xFE000000
#define KMAP_END         0xFE200000
#define DEVICE_START     0xFE200000
#define DEVICE_END       0xFF000000
#define KSTACK_START     0xFF000000
#define KSTACK_END       0xFF800000
#define SELFMAP_LEGACY   0xFFC00000
#define SELFMAP_PAE      0xFF800000
#define FRAME_DB_BASE    0            /* in the direct map */
#define KERNEL_STACK_BYTES 16384
#define TABLE_POOL_BYTES   (24 * 4096)
#define BOOT_RECORD_PA     0x90000    /* not overwritten by a reset with -kernel, GRUB or OVMF */
