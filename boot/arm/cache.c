/* boot/arm/cache.c - data cache maintenance that the boot stage owes to the memory it uses.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/boot.h"

/* CTR.DminLine, bits 19:16: log2 of the words in the smallest data cache line (B4.1.42). */
static uint32_t line_bytes(void)
{
	return 4u << (read_ctr() >> 16 & 0xF);
}

/* With the data cache off, stores go past it to memory. A line that a loader left there would be found again, with the
 * old contents, once the cache is on: by the table walker first of all. Cleaned as well as invalidated, so that what a
 * loader stored and did not write back is not lost. */
void boot_forget_lines(uint32_t from, uint32_t to)
{
	uint32_t step = line_bytes();

	for (uint32_t at = ALIGN_DOWN(from, step); at < to; at += step)
		dccimvac(at);
	dsb();
}
