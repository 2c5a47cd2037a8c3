/* arch/arm/gic_regs.h - registers of the generic interrupt controller, version 2 (IHI 0048B); constants only.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* Distributor, 4.1 */
#define GICD_CTLR       0x000
#define GICD_TYPER      0x004
#define GICD_ISENABLER  0x100      /* a bit an interrupt */
#define GICD_ICENABLER  0x180
#define GICD_IPRIORITYR 0x400      /* a byte an interrupt */
#define GICD_ITARGETSR  0x800      /* a byte an interrupt: the CPUs it goes to */
#define GIC_ENABLE      1
#define GIC_LINES_OF(typer) ((((typer) & 0x1F) + 1) * 32)
#define GIC_MAX_LINES   1020
#define GIC_SHARED      32         /* the first interrupt that is not a CPU's own */
#define GIC_PRIORITY    0x80
#define GIC_CPU_0       0x01

/* CPU interface, 4.1 */
#define GICC_CTLR       0x00
#define GICC_PMR        0x04
#define GICC_IAR        0x0C
#define GICC_EOIR       0x10
#define GIC_ALL_PRIORITIES 0xFF
#define GIC_ID_MASK     0x3FF
#define GIC_SPURIOUS    1020       /* this and above: nothing is pending */
