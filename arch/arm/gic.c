/* arch/arm/gic.c - the interrupt controller, version 2 or 3, and the handlers of its lines.
 * SPDX-License-Identifier: MIT
 *
 * The versions differ in the block that serves a CPU's own interrupts (3: its redistributor), in the routing, and in
 * the CPU interface: memory, or system registers.
 */
#include "arch/arm/arm.h"
#include "arch/trap.h"
#include "hw/arm/cp15.h"
#include "hw/arm/gic_regs.h"
#include "lib/assert.h"

#define LINES 288         /* all that `virt` has */
#define PATIENCE 1000000  /* reads of a register that a working controller changes within a few */

static struct { irq_handler_t fn; void *ctx; } handlers[LINES];
static bool v3;

static volatile uint32_t *reg(uintptr_t base, unsigned offset)
{
	return (volatile uint32_t *)(base + offset);
}

/* Where the registers with a bit or a byte for an interrupt are. */
static uintptr_t bank(unsigned line)
{
	return v3 && line < GIC_SHARED ? GIC_SGI_VA : GIC_DIST_VA;
}

static void wait_clear(volatile uint32_t *at, uint32_t bits)
{
	for (unsigned i = 0; i < PATIENCE && (*at & bits); i++)
		;
}

static void wake_redistributor(void)
{
	*reg(GIC_CPU_VA, GICR_WAKER) &= ~(uint32_t)GICR_WAKER_SLEEP;
	wait_clear(reg(GIC_CPU_VA, GICR_WAKER), GICR_WAKER_CHILDREN);
}

static void disable_all(void)
{
	unsigned lines = GIC_LINES_OF(*reg(GIC_DIST_VA, GICD_TYPER));

	for (unsigned i = 0; i < lines && i < GIC_MAX_LINES; i += 32) {
		*reg(bank(i), GICD_ICENABLER + i / 8) = UINT32_MAX;
		if (v3)
			*reg(bank(i), GICD_IGROUPR + i / 8) = UINT32_MAX;
	}
	if (!v3)
		return;
	wait_clear(reg(GIC_DIST_VA, GICD_CTLR), GICD_CTLR_RWP);
	wait_clear(reg(GIC_CPU_VA, GICR_CTLR), GICR_CTLR_RWP);
}

static void open_memory_interface(void)
{
	*reg(GIC_CPU_VA, GICC_PMR) = GIC_ALL_PRIORITIES;
	*reg(GIC_CPU_VA, GICC_CTLR) = GIC_ENABLE;
}

static void open_register_interface(void)
{
	write_icc_sre(ICC_SRE_ALL);
	isb();                    /* the other registers exist from here on */
	write_icc_ctlr(0);        /* EOIR also deactivates */
	write_icc_pmr(GIC_ALL_PRIORITIES);
	write_icc_igrpen1(GIC_ENABLE);
	isb();
}

void arm_gic_init(void)
{
	v3 = boot_info.gic_version >= 3;
	*reg(GIC_DIST_VA, GICD_CTLR) = 0;
	if (v3) {
		wait_clear(reg(GIC_DIST_VA, GICD_CTLR), GICD_CTLR_RWP);
		/* Enable affinity routing first: it selects which block has the registers of the first 32 interrupts. */
		*reg(GIC_DIST_VA, GICD_CTLR) = GICD_CTLR_ARE;
		wake_redistributor();
	}
	disable_all();
	*reg(GIC_DIST_VA, GICD_CTLR) = v3 ? GICD_CTLR_ARE | GICD_CTLR_GROUP1 : GIC_ENABLE;
	(v3 ? open_register_interface : open_memory_interface)();
}

/* Routes a shared interrupt to the CPU that runs the kernel. */
static void route(unsigned line)
{
	if (!v3) {
		*(volatile uint8_t *)(GIC_DIST_VA + GICD_ITARGETSR + line) = GIC_CPU_0;
		return;
	}
	*reg(GIC_ROUTE_VA, 8 * line) = read_mpidr() & MPIDR_AFFINITY;
	*reg(GIC_ROUTE_VA, 8 * line + 4) = 0;
}

void arch_irq_register(unsigned line, irq_handler_t handler, void *ctx)
{
	ASSERT(line < LINES && (!handlers[line].fn || handlers[line].fn == handler));
	handlers[line].ctx = ctx;
	handlers[line].fn = handler;
	*(volatile uint8_t *)(bank(line) + GICD_IPRIORITYR + line) = GIC_PRIORITY;
	if (line >= GIC_SHARED)
		route(line);
	*reg(bank(line), GICD_ISENABLER + line / 32 * 4) = 1u << line % 32;
}

void arch_irq_dispatch(struct trap_frame *f)
{
	uint32_t ack = v3 ? read_icc_iar1() : *reg(GIC_CPU_VA, GICC_IAR);
	uint32_t line = ack & (v3 ? ICC_ID_MASK : GIC_ID_MASK);

	(void)f;
	if (line >= GIC_SPURIOUS && line < GIC_SPURIOUS + 4)
		return;
	if (line < LINES && handlers[line].fn)
		handlers[line].fn(handlers[line].ctx);
	/* The handler's writes reach the device before the interrupt can be signalled again. */
	dsb();
	if (v3)
		write_icc_eoir1(ack);
	else
		*reg(GIC_CPU_VA, GICC_EOIR) = ack;
}
