/* arch/none/arch_mmu.h - one translation forgotten, one entry stored: the inline part of arch/mmu.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* A port invalidates the page's translation, and waits until that is finished. */
static inline void arch_tlb_flush_page(vaddr_t va)
{
	(void)va;
	__asm__ volatile("" ::: "memory");
}

/* A port with registers narrower than an entry stores the half with the present bit last. If the walker does not see stores in
 * order, a barrier follows. */
static inline void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new)
{
	(void)old;
	if (bytes == sizeof(uint32_t))
		*(volatile uint32_t *)at = (uint32_t)new;
	else
		*(volatile uint64_t *)at = new;
}
