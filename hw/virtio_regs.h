/* hw/virtio_regs.h - virtio 1.1: the ring in memory, the block device, and the registers of all transports.
 * SPDX-License-Identifier: MIT
 *
 * Little-endian in every version: legacy devices use the byte order of the CPU, and all three CPUs are little-endian.
 */
#pragma once
#include <stdint.h>

/* Status, 2.1 */
#define VIRTIO_ACKNOWLEDGE 1
#define VIRTIO_DRIVER      2
#define VIRTIO_DRIVER_OK   4
#define VIRTIO_FEATURES_OK 8
#define VIRTIO_FAILED      128

/* Features: word 0 has bits 0 to 31 */
#define VIRTIO_BLK_F_RO    (1u << 5)      /* 5.2.3 */
#define VIRTIO_F_VERSION_1 (1u << 0)      /* bit 32: in word 1, 6 */

/* Split virtqueue, 2.6. In the legacy layout the three parts are contiguous, the last one page-aligned. */
#define VIRTQ_NEXT  1
#define VIRTQ_WRITE 2                     /* the device writes this buffer */
struct virtq_desc { uint64_t addr; uint32_t len; uint16_t flags, next; };
struct virtq_avail { uint16_t flags, idx, ring[]; };
struct virtq_used_elem { uint32_t id, len; };
struct virtq_used { uint16_t flags, idx; struct virtq_used_elem ring[]; };

/* Block device, 5.2.6 */
#define VIRTIO_BLK_T_IN  0
#define VIRTIO_BLK_T_OUT 1
#define VIRTIO_BLK_S_OK  0
struct virtio_blk_header { uint32_t type, reserved; uint64_t sector; };
#define VIRTIO_BLK_CAPACITY 0             /* configuration: 8 bytes, in sectors of 512 */

#define VIRTIO_ID_BLOCK 2

/* Legacy PCI, 4.1.4.8: ports of BAR 0 */
#define VIRTIO_PCI_VENDOR         0x1AF4
#define VIRTIO_PCI_BLOCK          0x1001  /* transitional: legacy ports, and possibly the modern interface */
#define VIRTIO_PCI_BLOCK_MODERN   0x1042
#define VIRTIO_PCI_FEATURES       0
#define VIRTIO_PCI_GUEST_FEATURES 4
#define VIRTIO_PCI_QUEUE_PFN      8
#define VIRTIO_PCI_QUEUE_SIZE     12
#define VIRTIO_PCI_QUEUE_SELECT   14
#define VIRTIO_PCI_QUEUE_NOTIFY   16
#define VIRTIO_PCI_STATUS         18
#define VIRTIO_PCI_ISR            19      /* reading acknowledges */
#define VIRTIO_PCI_CONFIG         20      /* without MSI-X */

/* Modern PCI, 4.1.4: vendor capabilities with type << 24; offsets in the capability */
#define VIRTIO_CAP_BAR         4
#define VIRTIO_CAP_OFFSET      8
#define VIRTIO_CAP_LENGTH      12
#define VIRTIO_CAP_NOTIFY_STEP 16         /* VIRTIO_PCI_CAP_NOTIFY: multiplier of the queue's offset */
enum virtio_pci_cap {
	VIRTIO_PCI_CAP_COMMON = 1, VIRTIO_PCI_CAP_NOTIFY, VIRTIO_PCI_CAP_ISR, VIRTIO_PCI_CAP_DEVICE, VIRTIO_PCI_CAPS
};
/* The common structure, 4.1.4.3 */
#define VIRTIO_COMMON_DEVICE_FEATURE_SELECT 0
#define VIRTIO_COMMON_DEVICE_FEATURE        4
#define VIRTIO_COMMON_DRIVER_FEATURE_SELECT 8
#define VIRTIO_COMMON_DRIVER_FEATURE        12
#define VIRTIO_COMMON_STATUS                20
#define VIRTIO_COMMON_QUEUE_SELECT          22
#define VIRTIO_COMMON_QUEUE_SIZE            24
#define VIRTIO_COMMON_QUEUE_ENABLE          28
#define VIRTIO_COMMON_QUEUE_NOTIFY_OFF      30
#define VIRTIO_COMMON_QUEUE_DESC            32
#define VIRTIO_COMMON_QUEUE_DRIVER          40
#define VIRTIO_COMMON_QUEUE_DEVICE          48
#define VIRTIO_COMMON_BYTES                 56

/* MMIO, 4.2.2; version 1 (legacy) 4.2.4 */
#define VIRTIO_MMIO_MAGIC             0x000
#define VIRTIO_MMIO_MAGIC_VALUE       0x74726976
#define VIRTIO_MMIO_VERSION           0x004
#define VIRTIO_MMIO_DEVICE_ID         0x008   /* 0: an empty slot */
#define VIRTIO_MMIO_FEATURES          0x010
#define VIRTIO_MMIO_FEATURES_SEL      0x014
#define VIRTIO_MMIO_DRIVER_FEATURES   0x020
#define VIRTIO_MMIO_DRIVER_FEATURES_SEL 0x024
#define VIRTIO_MMIO_GUEST_PAGE_SIZE   0x028   /* version 1 */
#define VIRTIO_MMIO_QUEUE_SEL         0x030
#define VIRTIO_MMIO_QUEUE_NUM_MAX     0x034
#define VIRTIO_MMIO_QUEUE_NUM         0x038
#define VIRTIO_MMIO_QUEUE_ALIGN       0x03C   /* version 1 */
#define VIRTIO_MMIO_QUEUE_PFN         0x040   /* version 1 */
#define VIRTIO_MMIO_QUEUE_READY       0x044   /* version 2 */
#define VIRTIO_MMIO_QUEUE_NOTIFY      0x050
#define VIRTIO_MMIO_INTERRUPT_STATUS  0x060
#define VIRTIO_MMIO_INTERRUPT_ACK     0x064
#define VIRTIO_MMIO_STATUS            0x070
#define VIRTIO_MMIO_QUEUE_DESC        0x080   /* version 2: low and high words */
#define VIRTIO_MMIO_QUEUE_DRIVER      0x090
#define VIRTIO_MMIO_QUEUE_DEVICE      0x0A0
#define VIRTIO_MMIO_CONFIG            0x100
