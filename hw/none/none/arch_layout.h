/* hw/none/none/arch_layout.h - address-space layout of the empty port; constants for C and assembly.
 * SPDX-License-Identifier: MIT
 *
 * The names and order of arch/mmu.h, with values for a 64-bit address space.
 */
#pragma once

#define USER_END         0x0000800000000000
#define USER_ELF_MACHINE 0            /* EM_NONE: no program can run */
#define USER_ENTRY_ALIGN 1
#define USER_PEB         0x000007FFFFFDB000
#define USER_STACK_TOP   0x000007FFFFFD0000
#define USER_MMAP        0x0000000010000000
#define DIRECT_MAP_BASE  0xFFFF880000000000
#define DIRECT_MAP_SIZE  0x0000400000000000
#define DIRECT_MAP_PHYS  0
#define DEVICE_PHYS      0x1000
#define VMALLOC_START    0xFFFFC90000000000
#define VMALLOC_END      0xFFFFE90000000000
#define FRAME_DB_BASE    0xFFFFEA0000000000
#define FRAME_DB_END     0xFFFFEB0000000000
#define KMAP_START       0xFFFFF80000000000
#define KMAP_END         0xFFFFF80000200000
#define DEVICE_START     0xFFFFF80000200000
#define DEVICE_END       0xFFFFF80040000000
#define KSTACK_START     0xFFFFF80040000000
#define KSTACK_END       0xFFFFF80044000000
#define IMAGE_BASE       0x40000000   /* within the range of every code model; a real port links the image in the kernel half */
#define KERNEL_STACK_BYTES 16384
#define TABLE_POOL_BYTES   (24 * 4096)
#define BOOT_RECORD_PA     0x90000
