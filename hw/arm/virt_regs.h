/* hw/arm/virt_regs.h - physical addresses and interrupts of the devices of QEMU's `virt` machine; constants only.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define RAM_BASE       0x40000000
#define UART_PA        0x09000000
/* Interrupt ids: 16 to 31 belong to the processor, shared ones follow. */
#define VIRTUAL_TIMER_IRQ 27
#define UART_IRQ          33
/* virtio-mmio: contiguous slots with consecutive interrupt ids. */
#define VIRTIO_PA         0x0A000000
#define VIRTIO_SLOTS      32
#define VIRTIO_SLOT_BYTES 0x200
#define VIRTIO_IRQ        48
/* Physical link address of the image. QEMU stores a device tree of up to 1 MiB at the start of RAM if no ELF segment is there. */
#define IMAGE_PA       0x40200000
