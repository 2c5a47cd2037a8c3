/* boot/x86/apic.c - lets the 8259s and NMI through the local APIC of the CPU that boots.
 * SPDX-License-Identifier: MIT
 *
 * With its local APIC enabled a CPU takes interrupts only as the local vector table says: LINT0 is the 8259s' line, LINT1
 * is NMI ("virtual wire mode", Intel MultiProcessor Specification 1.4, 3.6.2.2). A PC's firmware programs both, others
 * (QEMU's microvm) leave them masked. Done here because the registers' page needs no mapping yet.
 */
#include "boot/x86/boot.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

static void write_apic(uint64_t base, unsigned offset, uint32_t value)
{
	if (base & APIC_BASE_X2APIC)
		wrmsr(MSR_X2APIC + offset / 16, value);
	else
		*(volatile uint32_t *)(((uintptr_t)base & ~(uintptr_t)(PAGE_SIZE - 1)) + offset) = value;
}

static uint32_t read_apic(uint64_t base, unsigned offset)
{
	if (base & APIC_BASE_X2APIC)
		return (uint32_t)rdmsr(MSR_X2APIC + offset / 16);
	return *(volatile uint32_t *)(((uintptr_t)base & ~(uintptr_t)(PAGE_SIZE - 1)) + offset);
}

void boot_open_apic(void)
{
	uint64_t base = boot_cpu.apic ? rdmsr(MSR_APIC_BASE) : 0;

	/* Disabled, both pins go past it. Above 4 GiB this stage has no address for it. */
	if (!(base & APIC_BASE_ENABLE) || base >> 32)
		return;
	/* While the APIC is disabled by software every mask bit of the table stays set (SDM vol. 3A 10.4.7.2). */
	write_apic(base, APIC_SVR, read_apic(base, APIC_SVR) | APIC_SVR_ENABLE);
	write_apic(base, APIC_LVT0, APIC_LVT_EXTINT);
	write_apic(base, APIC_LVT1, APIC_LVT_NMI);
}
