/* arch/arm/gic.c - the interrupt controller: who handles which line.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "arch/arm/cp15.h"
#include "arch/arm/gic_regs.h"
#include "arch/trap.h"
#include "kernel/assert.h"

#define LINES 288         /* all that `virt` has */

static struct { irq_handler_t fn; void *ctx; } handlers[LINES];

static volatile uint32_t *dist(unsigned offset)
{
	return (volatile uint32_t *)(GIC_DIST_VA + offset);
}

static volatile uint8_t *dist_byte(unsigned offset)
{
	return (volatile uint8_t *)(GIC_DIST_VA + offset);
}

static volatile uint32_t *cpu(unsigned offset)
{
	return (volatile uint32_t *)(GIC_CPU_VA + offset);
}

void arm_gic_init(void)
{
	unsigned lines = GIC_LINES_OF(*dist(GICD_TYPER));

	*dist(GICD_CTLR) = 0;
	for (unsigned i = 0; i < lines && i < GIC_MAX_LINES; i += 32)
		*dist(GICD_ICENABLER + i / 8) = UINT32_MAX;
	*dist(GICD_CTLR) = GIC_ENABLE;
	*cpu(GICC_PMR) = GIC_ALL_PRIORITIES;
	*cpu(GICC_CTLR) = GIC_ENABLE;
}

void arch_irq_register(unsigned line, irq_handler_t handler, void *ctx)
{
	ASSERT(line < LINES && (!handlers[line].fn || handlers[line].fn == handler));
	handlers[line].ctx = ctx;
	handlers[line].fn = handler;
	*dist_byte(GICD_IPRIORITYR + line) = GIC_PRIORITY;
	if (line >= GIC_SHARED)
		*dist_byte(GICD_ITARGETSR + line) = GIC_CPU_0;
	*dist(GICD_ISENABLER + line / 32 * 4) = 1u << line % 32;
}

void arch_irq_dispatch(struct trap_frame *f)
{
	uint32_t ack = *cpu(GICC_IAR), line = ack & GIC_ID_MASK;

	(void)f;
	if (line >= GIC_SPURIOUS)
		return;
	if (line < LINES && handlers[line].fn)
		handlers[line].fn(handlers[line].ctx);
	/* What the handler told the device is there before the line may rise again. */
	dsb();
	*cpu(GICC_EOIR) = ack;
}
