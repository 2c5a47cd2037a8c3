/* hw/arm/gic_regs.h - registers of the generic interrupt controller, versions 2 (IHI 0048B) and 3 (IHI 0069).
 * SPDX-License-Identifier: MIT
 *
 * Constants only.
 */
#pragma once

/* Distributor, 4.1 */
#define GICD_CTLR       0x000
#define GICD_TYPER      0x004
#define GICD_ISENABLER  0x100      /* one bit per interrupt */
#define GICD_ICENABLER  0x180
#define GICD_IPRIORITYR 0x400      /* one byte per interrupt */
#define GICD_ITARGETSR  0x800      /* one byte per interrupt: mask of its target CPUs */
#define GIC_ENABLE      1
#define GIC_LINES_OF(typer) ((((typer) & 0x1F) + 1) * 32)
#define GIC_MAX_LINES   1020
#define GIC_SHARED      32         /* first shared interrupt (SPI) */
#define GIC_PRIORITY    0x80
#define GIC_CPU_0       0x01

/* CPU interface, 4.1 */
#define GICC_CTLR       0x00
#define GICC_PMR        0x04
#define GICC_IAR        0x0C
#define GICC_EOIR       0x10
#define GIC_ALL_PRIORITIES 0xFF
#define GIC_ID_MASK     0x3FF
#define GIC_SPURIOUS    1020       /* this and above: no interrupt is pending */

/* Version 3. With affinity routing, the private interrupts (SGI, PPI) of a CPU are in its redistributor, whose second frame has
 * the offsets of the distributor. All interrupts are in group 1 and use the system registers of that group. */
#define GICD_CTLR_GROUP1 0x03      /* group 1 in the secure and in the non-secure view, 12.9.4 */
#define GICD_CTLR_ARE    0x10
#define GICD_CTLR_RWP    0x80000000 /* a register write is pending */
#define GICD_IGROUPR     0x080     /* one bit per interrupt */
#define GICD_IROUTER     0x6000    /* 64 bits per interrupt */
#define GICR_CTLR        0x000
#define GICR_CTLR_RWP    8
#define GICR_TYPER       0x008
#define GICR_TYPER_VLPIS 0x02      /* the redistributor has four frames, not two */
#define GICR_TYPER_LAST  0x10
#define GICR_TYPER_HIGH  0x00C     /* the affinity */
#define GICR_WAKER       0x014
#define GICR_WAKER_SLEEP 2
#define GICR_WAKER_CHILDREN 4      /* the CPU interface is still asleep */
#define GICR_SGI_FRAME   0x10000
#define GICR_BYTES       0x20000
#define GICR_BYTES_VLPIS 0x40000
#define ICC_SRE_ALL      7         /* system registers on; FIQ and IRQ bypass off */
#define ICC_ID_MASK      0xFFFFFF
