/* arch/x86/x86_64/store.c - rows of entries and whole pages, in words of this width.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"

void arch_entries_store(void *at, unsigned bytes, const void *new, unsigned count)
{
	volatile uint64_t *entry = at;
	const uint64_t *from = new;

	(void)bytes;
	for (unsigned i = 0; i < count; i++)
		entry[i] = new ? from[i] : 0;
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
