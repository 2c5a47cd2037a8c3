/* hw/x86/ata_regs.h - ATA disks on a PC: ports, commands and the bus master; constants only.
 * SPDX-License-Identifier: MIT
 *
 * ATA/ATAPI-6 (T13/1410D) chapters 7 and 8; "Programming Interface for Bus Master IDE Controller" 1.0.
 */
#pragma once

/* The two channels in compatibility mode. */
#define ATA_PRIMARY_PORT     0x1F0
#define ATA_PRIMARY_CONTROL  0x3F6
#define ATA_PRIMARY_IRQ      14
#define ATA_SECONDARY_PORT   0x170
#define ATA_SECONDARY_CONTROL 0x376
#define ATA_SECONDARY_IRQ    15

#define ATA_DATA    0
#define ATA_COUNT   2
#define ATA_LBA0    3
#define ATA_LBA1    4
#define ATA_LBA2    5
#define ATA_DEVICE  6
#define ATA_STATUS  7         /* reading acknowledges the interrupt; reading the control port does not */
#define ATA_COMMAND 7

#define ATA_DEVICE_LBA   0xE0
#define ATA_DEVICE_SLAVE 0x10
#define ATA_ERR  0x01
#define ATA_DRQ  0x08
#define ATA_DF   0x20
#define ATA_BSY  0x80
#define ATA_FLOATING 0xFF     /* no channel at this port */
#define ATA_SRST 0x04         /* control port */
#define ATA_NIEN 0x02

#define ATA_IDENTIFY      0xEC
#define ATA_READ          0x20
#define ATA_READ_EXT      0x24
#define ATA_READ_DMA      0xC8
#define ATA_READ_DMA_EXT  0x25
#define ATA_WRITE         0x30
#define ATA_WRITE_EXT     0x34
#define ATA_WRITE_DMA     0xCA
#define ATA_WRITE_DMA_EXT 0x35

/* Words of IDENTIFY DEVICE, 8.15.8 */
#define ATA_ID_WORDS 256
#define ATA_ID_CAPABILITIES 49
#define ATA_ID_CAN_DMA  0x0100
#define ATA_ID_CAN_LBA  0x0200
#define ATA_ID_SECTORS  60    /* 2 words */
#define ATA_ID_COMMANDS 83
#define ATA_ID_LBA48    0x0400
#define ATA_ID_SECTORS48 100  /* 4 words */
#define ATA_LBA28_END 0x10000000u
#define ATA_SECTORS_MAX 256   /* of a 28-bit command, which encodes it as 0 */

/* Bus master: at BAR 4 of the PCI function; the second channel is 8 ports above */
#define BM_COMMAND 0
#define BM_STATUS  2
#define BM_TABLE   4
#define BM_CHANNEL 8
#define BM_BAR     4
#define BM_START   0x01
#define BM_READ    0x08       /* from disk to memory */
#define BM_ERROR   0x02
#define BM_IRQ     0x04
/* A descriptor is an address and bytes (0: 64 KiB) and does not cross a multiple of 64 KiB. */
#define PRD_BOUNDARY 0x10000u
#define PRD_LAST     0x80000000u
