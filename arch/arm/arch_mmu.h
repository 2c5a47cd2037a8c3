/* arch/arm/arch_mmu.h - one translation forgotten, one entry stored: the inline part of arch/mmu.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "hw/arm/cp15.h"

/* After every change that a TLB may not know of: the branch predictor may hold targets of the old translation (B2.2.9),
 * the DSB waits until all invalidation is finished, the ISB drops what was fetched through the old translation. */
static inline void arm_flushed(void)
{
	bpiall(0);
	dsb();
	isb();
}

static inline void arch_tlb_flush_page(vaddr_t va)
{
	dsb();        /* the changed entry is in memory before the TLB forgets the old one */
	tlbimvaa(va & ~PAGE_MASK);
	arm_flushed();
}

/* Tables are write-back memory, which the Cortex-A15's walker reads through the data cache (ID_MMFR3.CohWalk): nothing
 * has to be cleaned. With LPAE a doubleword is stored at once (A3.5.3). An entry that was invalid is in no TLB, so all
 * that a new one needs is to be visible: DSB, and ISB for what was fetched or translated already (B3.10.1). */
static inline void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new)
{
	(void)old;
	if (bytes == 8)
		__asm__ volatile("strd %Q0, %R0, [%1]" :: "r"(new), "r"(at) : "memory");
	else
		*(volatile uint32_t *)at = (uint32_t)new;
	__asm__ volatile("dsb ishst\n\tisb" ::: "memory");
}
