/* hw/uart_16550_regs.h - registers of the 16550 UART; constants only, for driver and boot stage.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define UART_THR 0            /* write: transmit holding; read: receive buffer */
#define UART_RBR 0
#define UART_DLL 0            /* with LCR_DLAB: divisor */
#define UART_IER 1
#define UART_DLM 1
#define UART_IIR 2
#define UART_FCR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_SCR 7            /* scratch register: to detect the UART */

#define IER_RX   0x01
#define IER_THRE 0x02
#define LCR_8N1  0x03
#define LCR_DLAB 0x80
#define FCR_ENABLE 0x01
#define IIR_FIFO   0xC0         /* both bits: the FIFOs are on */
#define MCR_DTR  0x01
#define MCR_RTS  0x02
#define MCR_OUT2 0x08         /* PC: connects the interrupt output to the interrupt controller */
#define LSR_DR   0x01
#define LSR_OE   0x02         /* overrun: the hardware lost a byte */
#define LSR_THRE 0x20
#define UART_FIFO 16
