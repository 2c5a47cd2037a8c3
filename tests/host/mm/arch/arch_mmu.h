/* tests/host/mm/arch/arch_mmu.h - a test's CPU hears of what the inline part of arch/mmu.h tells a real one.
 * SPDX-License-Identifier: MIT
 */
#pragma once

void cpu_flush_page(uint64_t va);
void cpu_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new);

static inline void arch_tlb_flush_page(vaddr_t va)
{
	cpu_flush_page(va);
}

static inline void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new)
{
	cpu_entry_store(at, bytes, old, new);
}
