/* hw/x86/pci_regs.h - PCI configuration space through mechanism 1 (PCI 3.0, 3.2.2.3 and chapter 6); constants only.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define PCI_ADDRESS_PORT   0xCF8
#define PCI_DATA_PORT      0xCFC
#define PCI_ADDRESS_ENABLE 0x80000000u
#define PCI_SLOTS          32
#define PCI_FUNCTIONS      8

#define PCI_ID             0x00      /* vendor | device << 16; all ones: no device */
#define PCI_COMMAND        0x04
#define PCI_COMMAND_IO     0x01
#define PCI_COMMAND_MEMORY 0x02
#define PCI_COMMAND_MASTER 0x04
#define PCI_COMMAND_INTX_DISABLE 0x400
#define PCI_STATUS_CAPABILITIES 0x100000 /* in the upper half of PCI_COMMAND */
#define PCI_CLASS          0x08      /* class << 24 | subclass << 16 | interface << 8 */
#define PCI_HEADER         0x0C      /* header type << 16 */
#define PCI_HEADER_MANY    0x800000  /* the slot has several functions */
#define PCI_BAR0           0x10
#define PCI_BARS           6
#define PCI_BAR_IO         0x01      /* an I/O port in bits 31:2 */
#define PCI_BAR_TYPE       0x06      /* of a memory address */
#define PCI_BAR_64         0x04      /* its upper half is in the next register */
#define PCI_BAR_FLAGS      0x0F
#define PCI_CAPABILITIES   0x34      /* offset of the first capability */
#define PCI_CAPABILITY_MASK 0xFC
#define PCI_CAPABILITIES_MAX 48      /* that fit in the configuration space */
#define PCI_CAP_VENDOR     0x09
#define PCI_BUSES          0x18      /* bridges: secondary bus << 8 */
#define PCI_LINE           0x3C      /* line of the interrupt controller | pin << 8 */

#define PCI_CLASS_IDE      0x0101
#define PCI_CLASS_BRIDGE   0x0604
