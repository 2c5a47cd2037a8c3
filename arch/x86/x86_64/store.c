/* arch/x86/x86_64/store.c - entries and pages on a CPU whose words are whole entries.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"

void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new)
{
	(void)old;
	if (bytes == sizeof(uint64_t))
		*(volatile uint64_t *)at = new;
	else
		*(volatile uint32_t *)at = (uint32_t)new;
}

void arch_page_zero(void *page)
{
	unsigned long n = PAGE_SIZE / sizeof(uint64_t);

	__asm__ volatile("rep stosq" : "+D"(page), "+c"(n) : "a"(0ul) : "memory");
}

void arch_page_copy(void *to, const void *from)
{
	unsigned long n = PAGE_SIZE / sizeof(uint64_t);

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) :: "memory");
}
