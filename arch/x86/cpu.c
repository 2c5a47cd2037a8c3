/* arch/x86/cpu.c - interrupt state, waiting, the time-stamp counter.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/x86/regs.h"
#include "arch/x86/x86.h"

static uintptr_t flags(void)
{
	uintptr_t v;

	__asm__ volatile("pushf; pop %0" : "=r"(v) :: "memory");
	return v;
}

irq_state_t arch_irq_save(void)
{
	irq_state_t state = flags() & EFLAGS_IF;

	__asm__ volatile("cli" ::: "memory");
	return state;
}

void arch_irq_restore(irq_state_t state)
{
	if (state)
		__asm__ volatile("sti" ::: "memory");
}

bool arch_irqs_on(void)
{
	return flags() & EFLAGS_IF;
}

void arch_irqs_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

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
