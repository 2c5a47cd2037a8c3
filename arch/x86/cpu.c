/* arch/x86/cpu.c - waiting, the time-stamp counter.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/x86/x86.h"

void arch_wait(void)
{
	/* STI takes effect after the next instruction: no interrupt fits between it and HLT (SDM vol. 2B, STI). */
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}

uint64_t arch_ticks(void)
{
	uint32_t lo, hi;

	if (!boot_info.tsc)
		return 0;
	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

_Noreturn void arch_stop(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
