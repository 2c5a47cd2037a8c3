/* arch/x86/i386/store.c - rows of entries and whole pages, in words of this width.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"

void arch_entries_store(void *at, unsigned bytes, const void *new, unsigned count)
{
	const uint32_t *from = new;
	volatile uint32_t *half = at;
	unsigned step = bytes / sizeof(uint32_t);

	for (; count > 0; count--, half += step, from += new ? step : 0) {
		uint32_t high = new && step == 2 ? from[1] : 0;

		/* If the upper word does not change, one store of the lower word replaces the entry at once. */
		if (step == 2 && half[1] != high) {
			half[0] = 0;
			half[1] = high;
		}
		half[0] = new ? from[0] : 0;
	}
}

void arch_page_zero(void *page)
{
	unsigned long n = PAGE_SIZE / sizeof(uint32_t);

	__asm__ volatile("rep stosl" : "+D"(page), "+c"(n) : "a"(0) : "memory");
}

void arch_page_copy(void *to, const void *from)
{
	unsigned long n = PAGE_SIZE / sizeof(uint32_t);

	__asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) :: "memory");
}
