/* arch/x86/arch_mmu.h - one translation forgotten, one entry stored: the inline part of arch/mmu.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once

static inline void arch_tlb_flush_page(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

static inline void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new)
{
	volatile uint32_t *half = at;

	if (bytes == sizeof(uint32_t)) {
		half[0] = (uint32_t)new;
		return;
	}
	if (sizeof(uintptr_t) == sizeof(uint64_t)) {
		*(volatile uint64_t *)at = new;
		return;
	}
	/* For a CPU that stores an entry as two words. Present is in the low word: it is cleared first and set last, so that the
	 * CPU never sees a mixture that is present. The caller flushes the old entry from the TLB. */
	if ((uint32_t)old)
		half[0] = 0;
	half[1] = (uint32_t)(new >> 32);
	__asm__ volatile("" ::: "memory");
	half[0] = (uint32_t)new;
}
