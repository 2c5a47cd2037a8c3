/* hw/arm/armv7/arch_layout.h - address-space layout of ARMv7; constants for C and assembly.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define USER_END         0xC0000000
#define USER_ELF_MACHINE 40           /* EM_ARM */
#define USER_ENTRY_ALIGN 4            /* programs begin in ARM state */
#define USER_PEB         0x7FFD9000   /* the address in published WinDbg output */
#define USER_STACK_TOP   0x7FFD0000
#define USER_MMAP        0x10000000   /* mmap searches for free ranges from here to the stack limit */
#define DIRECT_MAP_BASE  0xC0000000
#define DIRECT_MAP_SIZE  0x30000000   /* 768 MiB */
#define DIRECT_MAP_PHYS  0x40000000   /* RAM begins there on `virt` */
#define DEVICE_PHYS      0x09010000   /* the real-time clock of `virt` (PL031): seconds */
#define VMALLOC_START    0xF0000000
#define VMALLOC_END      0xF8000000
#define KMAP_START       0xF8000000
#define KMAP_END         0xF8200000
#define DEVICE_START     0xF8200000
#define DEVICE_END       0xF9000000
#define KSTACK_START     0xF9000000
#define KSTACK_END       0xF9800000
/* Device registers that the boot stage maps, because the console is used before mm_init(). */
#define UART_VA          0xFFE00000
#define GIC_DIST_VA      0xFFE01000
#define GIC_CPU_VA       0xFFE02000
#define GIC_SGI_VA       0xFFE03000   /* GICv3: the redistributor's two frames are at GIC_CPU_VA and here, */
#define GIC_ROUTE_VA     0xFFE04000   /* the distributor's routes here */
#define VIRTIO_VA        0xFFE05000   /* the slots of virtio-mmio: 4 pages */
#define BOOT_DEVICE_END  0xFFE09000

#define FRAME_DB_BASE    0            /* records of frames are in the direct map */
#define KERNEL_STACK_BYTES 16384
#define TABLE_POOL_BYTES   (24 * 4096)
#define BOOT_RECORD_PA     0x401FF000 /* below the image, above the device tree */
