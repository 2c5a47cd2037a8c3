/* boot/x86/cpu.c - what this CPU can, from CPUID where there is one.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "hw/x86/regs.h"

/* SDM vol. 1, 20.1: CPUID exists where EFLAGS.ID can be changed. */
static bool has_cpuid(void)
{
	uint32_t before, after;

	__asm__ volatile("pushf\n\tpop %0\n\tmov %0, %1\n\txor %2, %1\n\tpush %1\n\tpopf\n\t"
	                 "pushf\n\tpop %1\n\tpush %0\n\tpopf"
	                 : "=&r"(before), "=&r"(after) : "i"(EFLAGS_ID) : "cc");
	return (before ^ after) & EFLAGS_ID;
}

struct cpuid { uint32_t a, b, c, d; };
struct boot_cpu boot_cpu;

static struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r = { 0 };

	__asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(0));
	return r;
}

static void probe_standard(struct boot_info *info)
{
	struct cpuid one = cpuid(1);

	info->pse = !!(one.d & CPUID1_PSE);
	info->pge = !!(one.d & CPUID1_PGE);
	info->tsc = !!(one.d & CPUID1_TSC);
	boot_cpu.cr4 = one.d & CPUID1_NEEDS_CR4;
	boot_cpu.apic = (one.d & CPUID1_APIC) && (one.d & CPUID1_MSR);
	if (one.d & CPUID1_PAE) {
		info->flags &= ~(uint32_t)BOOT_NO_PAE;
		info->pa_bits = 36;
	}
	if (cpuid(0).a >= CPUID_FEATURES)
		boot_cpu.la57 = cpuid(CPUID_FEATURES).c & CPUID7C_LA57;
}

static void probe_extended(struct boot_info *info)
{
	uint32_t max = cpuid(CPUID_EXTENDED).a;

	if (max < CPUID_EXTENDED_FEATURES || max > CPUID_EXTENDED_LAST)
		return;
	info->nx = !!(cpuid(CPUID_EXTENDED_FEATURES).d & CPUID81_NX);
	info->gib_pages = !!(cpuid(CPUID_EXTENDED_FEATURES).d & CPUID81_GIB);
	boot_cpu.long_mode = cpuid(CPUID_EXTENDED_FEATURES).d & CPUID81_LM;
	boot_cpu.efer = info->nx || boot_cpu.long_mode;
	if (max >= CPUID_ADDRESS_SIZES)
		info->pa_bits = (uint8_t)cpuid(CPUID_ADDRESS_SIZES).a;
}

void boot_probe_cpu(struct boot_info *info)
{
	info->pa_bits = 32;
	info->wp = 1;
	info->cpuid = has_cpuid();
	info->flags |= BOOT_NO_PAE;
	if (!info->cpuid)
		return;
	probe_standard(info);
	probe_extended(info);
}
