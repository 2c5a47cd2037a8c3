/* arch/arm/arch_mmu.h - one translation forgotten, one entry stored: the inline part of arch/mmu.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "hw/arm/cp15.h"

/* Call after every change that a TLB can have cached. The branch predictor can contain targets of the old translation (B2.2.9).
 * The DSB waits until all invalidation is finished, and the ISB discards instructions fetched through the old translation. */
static inline void arm_flushed(void)
{
	bpiall(0);
	dsb();
	isb();
}

static inline void arch_tlb_flush_page(vaddr_t va)
{
	dsb();        /* the changed entry is in memory before the TLB entry is invalidated */
	tlbimvaa(va & ~PAGE_MASK);
	arm_flushed();
}

/* Tables are write-back memory, which the Cortex-A15's walker reads through the data cache (ID_MMFR3.CohWalk), so no cache line
 * is cleaned. With LPAE a doubleword is stored atomically (A3.5.3). An invalid entry is in no TLB, so a new entry must only
 * become visible: DSB, and ISB for instructions that were fetched or translated before (B3.10.1). */
static inline void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new)
{
	(void)old;
	if (bytes == 8)
		__asm__ volatile("strd %Q0, %R0, [%1]" :: "r"(new), "r"(at) : "memory");
	else
		*(volatile uint32_t *)at = (uint32_t)new;
	__asm__ volatile("dsb ishst\n\tisb" ::: "memory");
}
