/* hw/uart_pl011_regs.h - registers of the PrimeCell UART (PL011), DDI 0183; constants only.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define PL011_DR   0x00
#define PL011_FR   0x18
#define PL011_LCRH 0x2C
#define PL011_CR   0x30
#define PL011_IMSC 0x38

#define DR_OVERRUN  (1 << 11)     /* read with a byte: earlier bytes were lost */
#define FR_RXFE     (1 << 4)      /* receive FIFO empty */
#define FR_TXFF     (1 << 5)      /* transmit FIFO full */
#define LCRH_FEN    (1 << 4)      /* FIFOs */
#define LCRH_8BIT   (3 << 5)
#define CR_UARTEN   (1 << 0)
#define CR_TXE      (1 << 8)
#define CR_RXE      (1 << 9)
#define INT_RX      (1 << 4)
#define INT_TX      (1 << 5)
#define INT_RT      (1 << 6)      /* receive timeout: the FIFO has fewer bytes than INT_RX needs */
