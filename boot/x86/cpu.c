/* boot/x86/cpu.c - what this CPU can, from CPUID where there is one.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/regs.h"
#include "boot/x86/boot.h"

/* SDM vol. 1, 20.1: CPUID exists where EFLAGS.ID can be changed. */
static bool has_cpuid(void)
{
	uint32_t before, after;

	__asm__ volatile("pushf\n\tpop %0\n\tmov %0, %1\n\txor %2, %1\n\tpush %1\n\tpopf\n\t"
	                 "pushf\n\tpop %1\n\tpush %0\n\tpopf"
	                 : "=&r"(before), "=&r"(after) : "i"(EFLAGS_ID) : "cc");
	return (before ^ after) & EFLAGS_ID;
}

static void cpuid(uint32_t leaf, uint32_t *a, uint32_t *d)
{
	uint32_t b, c = 0;

	__asm__ volatile("cpuid" : "=a"(*a), "=b"(b), "+c"(c), "=d"(*d) : "a"(leaf));
}

void boot_probe_cpu(struct boot_info *info)
{
	uint32_t a, d, max;

	info->pa_bits = 32;
	info->wp = 1;
	info->cpuid = has_cpuid();
	info->flags |= BOOT_NO_PAE;
	if (!info->cpuid)
		return;
	cpuid(1, &a, &d);
	info->pse = !!(d & CPUID1_PSE);
	info->pge = !!(d & CPUID1_PGE);
	info->tsc = !!(d & CPUID1_TSC);
	if (d & CPUID1_PAE) {
		info->flags &= ~(uint32_t)BOOT_NO_PAE;
		info->pa_bits = 36;
	}
	cpuid(0x80000000, &max, &d);
	if (max >= 0x80000001 && max < 0x80010000) {
		cpuid(0x80000001, &a, &d);
		info->nx = !!(d & CPUID81_NX);
		info->gib_pages = !!(d & CPUID81_GIB);
	}
	if (max >= 0x80000008 && max < 0x80010000) {
		cpuid(0x80000008, &a, &d);
		info->pa_bits = (uint8_t)a;
	}
}
