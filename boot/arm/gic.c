/* boot/arm/gic.c - the interrupt controller's registers that belong to the CPU that boots.
 * SPDX-License-Identifier: MIT
 *
 * GIC architecture specification, versions 3 and 4 (IHI 0069). Addresses are physical: no redistributor is mapped that is
 * not used.
 */
#include "boot/arm/boot.h"
#include "hw/arm/gic_regs.h"

static uint32_t reg(uint64_t at, unsigned offset)
{
	return *(volatile uint32_t *)(uintptr_t)(at + offset);
}

static bool is_ours(uint64_t at)
{
	return reg(at, GICR_TYPER_HIGH) == (read_mpidr() & MPIDR_AFFINITY);
}

void boot_find_gic(struct boot_info *info)
{
	uint64_t at = info->gic_cpu, end = at + info->gic_cpu_bytes;

	if (!info->gic_version)
		boot_stop("the device tree names no interrupt controller that this kernel knows");
	if (info->gic_version < 3)
		return;
	if (!(read_pfr1() & PFR1_GIC_MASK))
		boot_stop("the interrupt controller is a GICv3, and this CPU has no system registers for it");
	while (at + GICR_BYTES <= end && !is_ours(at)) {
		uint32_t type = reg(at, GICR_TYPER);

		at = type & GICR_TYPER_LAST ? end : at + (type & GICR_TYPER_VLPIS ? GICR_BYTES_VLPIS : GICR_BYTES);
	}
	if (at + GICR_BYTES > end)
		boot_stop("no redistributor of the GICv3 has the affinity of this CPU, %08x", (unsigned)read_mpidr());
	info->gic_cpu = at;
}
