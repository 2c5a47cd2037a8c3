/* isa/arm_fsr.h - ARM fault status by number and by name.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.13, table B3-23 (short descriptors) and B3-24 (long). Names as Linux prints them.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define FSR_STATUS       0xFu
#define FSR_DOMAIN_SHIFT 4
#define FSR_LPAE         (1u << 9)    /* the status is six bits, of the long format */
#define FSR_STATUS_4     (1u << 10)   /* fifth bit of a short status */
#define FSR_WRITE        (1u << 11)
#define FSR_LONG_STATUS  0x3Fu
#define FSR_SIZE_BELOW_0        0x29u   /* AArch64: manual level -1, address size and translation */
#define FSR_TRANSLATION_BELOW_0 0x2Bu
#define ESR_WNR          (1u << 6)    /* AArch64, ISS of a data abort */

/* Linux's name of a DFSR value, or of an IFSR value if the access is a fetch; never NULL. */
const char *fsr_name(uint32_t fsr, bool instruction);
/* Linux resolves such a fault or ends the program with "unhandled page fault"; any other is an "Unhandled fault". */
bool fsr_is_page_fault(uint32_t fsr);
/* The same for the six bits of a long-descriptor or AArch64 status. */
const char *fsr_long_name(uint32_t status);
