/* hw/arm/regs.h - register bits of the ARMv7-A architecture; constants only, for C and assembly.
 * SPDX-License-Identifier: MIT
 *
 * Sections are those of the ARM Architecture Reference Manual, ARMv7-A and ARMv7-R edition (DDI 0406C).
 */
#pragma once

/* CPSR, B1.3.3 */
#define PSR_MODE_MASK 0x1F
#define PSR_USR       0x10
#define PSR_FIQ       0x11
#define PSR_IRQ       0x12
#define PSR_SVC       0x13
#define PSR_ABT       0x17
#define PSR_HYP       0x1A
#define PSR_UND       0x1B
#define PSR_SYS       0x1F
#define PSR_T         0x20         /* Thumb */
#define PSR_F         0x40
#define PSR_I         0x80
#define PSR_A         0x100
#define PSR_J         0x1000000

/* SCTLR, B4.1.130 */
#define SCTLR_M       (1 << 0)     /* translation */
#define SCTLR_A       (1 << 1)     /* alignment faults */
#define SCTLR_C       (1 << 2)     /* data caches */
#define SCTLR_Z       (1 << 11)    /* branch prediction */
#define SCTLR_I       (1 << 12)    /* instruction caches */
#define SCTLR_V       (1 << 13)    /* vectors at FFFF0000 instead of VBAR */
#define SCTLR_WXN     (1 << 19)
#define SCTLR_VE      (1 << 24)    /* interrupt vectors from the interrupt controller */
#define SCTLR_EE      (1 << 25)    /* exceptions are taken in big-endian state */
#define SCTLR_TRE     (1 << 28)    /* memory types through PRRR and NMRR */
#define SCTLR_AFE     (1 << 29)    /* AP[0] is the access flag */
#define SCTLR_TE      (1 << 30)    /* exceptions are taken in Thumb state */

/* ACTLR of the Cortex-A15 (TRM 4.3.28): the CPU takes part in coherency; must be set before caches and MMU are enabled. */
#define ACTLR_SMP     (1 << 6)

/* TTBR0, B4.1.154: how the table walker reads tables: write-back, write-allocate, inner and outer, shareable. */
#define TTBR_IRGN_WBWA 0x40
#define TTBR_RGN_WBWA  0x08
#define TTBR_S         0x02
#define TTBR_SHORT_FLAGS (TTBR_IRGN_WBWA | TTBR_RGN_WBWA | TTBR_S)

/* TTBCR, B4.1.153. With EAE each of the two registers has its own attributes. */
#define TTBCR_EAE     (1 << 31)
#define TTBCR_T1SZ_SHIFT 16
#define TTBCR_SH1_INNER  (3 << 28)
#define TTBCR_ORGN1_WBWA (1 << 26)
#define TTBCR_IRGN1_WBWA (1 << 24)
#define TTBCR_A1      (1 << 22)    /* the ASID in use is TTBR1's */
#define TTBCR_SH0_INNER  (3 << 12)
#define TTBCR_ORGN0_WBWA (1 << 10)
#define TTBCR_IRGN0_WBWA (1 << 8)
#define TTBCR_EPD0    (1 << 7)     /* no walks through TTBR0 */

/* T1SZ = 2: TTBR1 translates the last quarter of the addresses, C0000000 and up. */
#define LPAE_T1SZ     2
#define TTBCR_LPAE_ATTRIBUTES (TTBCR_EAE | TTBCR_SH1_INNER | TTBCR_ORGN1_WBWA | TTBCR_IRGN1_WBWA | \
	LPAE_T1SZ << TTBCR_T1SZ_SHIFT | TTBCR_SH0_INNER | TTBCR_ORGN0_WBWA | TTBCR_IRGN0_WBWA)
/* User mode: both registers, TTBR0's ASID. Kernel: no walks through TTBR0, and TTBR1's ASID, under which no user
 * translation is in the TLB. */
#define TTBCR_LPAE_OPEN   TTBCR_LPAE_ATTRIBUTES
#define TTBCR_LPAE_CLOSED (TTBCR_LPAE_ATTRIBUTES | TTBCR_EPD0 | TTBCR_A1)
#define USER_ASID     1
#define TTBR_ASID_SHIFT_HIGH 16    /* bits 55:48 of the 64-bit register: in its upper word */

/* DACR, B4.1.43: two bits a domain; 1 is client (entries are checked), 0 no access. */
#define DOMAIN_KERNEL 0
#define DOMAIN_USER   1
#define DOMAIN_CLIENT 1
#define DACR_OPEN     (DOMAIN_CLIENT << (2 * DOMAIN_KERNEL) | DOMAIN_CLIENT << (2 * DOMAIN_USER))
#define DACR_CLOSED   (DOMAIN_CLIENT << (2 * DOMAIN_KERNEL))

/* Fault status registers, B4.1.51, B4.1.52, B4.1.96 */
#define DFSR_LPAE     (1 << 9)     /* the long-descriptor encoding */
#define DFSR_FS4      (1 << 10)    /* bit 4 of the short-descriptor status */
#define DFSR_WNR      (1 << 11)

/* PAR, B4.1.112 */
#define PAR_F         1
#define PAR_SS        2            /* short: a supersection */

/* Width of a physical address: 40 bits in supersections of the short format, and in the long format. */
#define ARM_PA_BITS   40

/* MAIR0 and MAIR1 (B4.1.104): normal write-back, device, normal non-cacheable, normal write-through. */
#define LPAE_MAIR     0xBB4404FF

/* MPIDR, B4.1.106: Aff2 to Aff0; ID_PFR1, B4.1.94: system registers of the interrupt controller (IHI 0069) */
#define MPIDR_AFFINITY 0x00FFFFFF
#define PFR1_GIC_MASK  0xF0000000

/* CNTV_CTL, B8.1.5 */
#define TIMER_ENABLE  1

/* CNTKCTL, B4.1.26: user mode may read the virtual counter */
#define CNTKCTL_PL0VCTEN 2

/* CPACR, B4.1.40: all of its coprocessor fields zero is no access; no trace registers in the cp14 space */
#define CPACR_TRCDIS  (1 << 28)

/* TEECR, B6.1.88: user mode may not use TEEHBR. ID_PFR0.State3, B4.1.94: there is ThumbEE. */
#define TEECR_XED     1
#define PFR0_STATE3(pfr0) ((pfr0) >> 12 & 0xF)

/* DBGDSCRext, C11.11.20: no debug communications channel in user mode; monitor and halting debug mode */
#define DBGDSCR_UDCCDIS (1 << 12)
#define DBGDSCR_HDBGEN  (1 << 14)
#define DBGDSCR_MDBGEN  (1 << 15)
/* ID_DFR0, B4.1.82: debug registers in the cp14 space from 2 on; performance monitors, of which F is none */
#define DFR0_COPDBG(dfr0)  ((dfr0) & 0xF)
#define DFR0_CP14_DEBUG    2
#define DFR0_PERFMON(dfr0) ((dfr0) >> 24 & 0xF)
#define DFR0_NO_PERFMON    0xF

/* CNTHCTL, B8.1.1: the physical counter and timer do not trap to HYP mode */
#define CNTHCTL_ALL   3

/* PSCI (DEN 0022): function numbers in r0 */
#define PSCI_SYSTEM_OFF   0x84000008
#define PSCI_SYSTEM_RESET 0x84000009

/* Exceptions in the order of the vector table, B1.8.1; the same numbers are trap_frame.vector. */
#define VECTOR_RESET    0
#define VECTOR_UNDEF    1
#define VECTOR_SVC      2
#define VECTOR_PREFETCH 3
#define VECTOR_DATA     4
#define VECTOR_HYP      5
#define VECTOR_IRQ      6
#define VECTOR_FIQ      7
#define VECTOR_STACK    8          /* not architectural: a data abort without a valid kernel stack */
