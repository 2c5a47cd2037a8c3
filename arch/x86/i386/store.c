/* arch/x86/i386/store.c - rows of entries and whole pages, in words of this width.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"

/* The lower word of an entry, which has P, is cleared before the upper one. */
static void clear_words(volatile uint32_t *word, unsigned count)
{
	while (count-- > 0)
		*word++ = 0;
}

static void store_words(volatile uint32_t *word, const uint32_t *from, unsigned count)
{
	while (count-- > 0)
		*word++ = *from++;
}

/* If the upper word does not change, one store of the lower word replaces the entry at once. */
static void store_pairs(volatile uint32_t *half, const uint32_t *from, unsigned count)
{
	for (; count > 0; count--, half += 2, from += 2) {
		if (half[1] != from[1]) {
			half[0] = 0;
			half[1] = from[1];
		}
		half[0] = from[0];
	}
}

void arch_entries_store(void *at, unsigned bytes, const void *new, unsigned count)
{
	if (!new)
		clear_words(at, count * bytes / sizeof(uint32_t));
	else if (bytes == sizeof(uint32_t))
		store_words(at, new, count);
	else
		store_pairs(at, new, count);
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
