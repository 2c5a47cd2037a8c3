/* arch/x86/user_state.c - registers that reset, firmware or a loader may leave in a state that helps a hostile program.
 * SPDX-License-Identifier: MIT
 *
 * docs/security.md has the whole list, with the registers that need no store here and why.
 */
#include "arch/cpu.h"
#include "arch/x86/x86.h"
#include "hw/x86/cpuid.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

static uint32_t extended_features(void)
{
	uint32_t max = boot_info.cpuid ? cpuid(CPUID_EXTENDED).a : 0;

	return max >= CPUID_EXTENDED_FEATURES && max <= CPUID_EXTENDED_LAST ? cpuid(CPUID_EXTENDED_FEATURES).d : 0;
}

static bool has_sysenter(void)
{
	struct cpuid one = { 0 };

	if (boot_info.cpuid)
		one = cpuid(1);
	return (one.d & CPUID1_SEP) && (one.a & CPUID1_SIGNATURE) >= CPUID1_FIRST_SEP;
}

static bool has_long_mode(void)
{
	return extended_features() & CPUID81_LM;
}

static bool has_efer(void)
{
	return extended_features() & (CPUID81_NX | CPUID81_LM | CPUID81_SYSCALL);
}

/* With a null selector in SYSENTER_CS, SYSENTER is a general protection fault (SDM vol. 2B). The bases belong to
 * segments whose descriptors have base 0, and no instruction of user mode may write them (CR4.FSGSBASE is 0). */
static const struct { uint32_t msr; bool (*exists)(void); } zero_msrs[] = {
	{ MSR_SYSENTER_CS, has_sysenter }, { MSR_SYSENTER_ESP, has_sysenter }, { MSR_SYSENTER_EIP, has_sysenter },
	{ MSR_FS_BASE, has_long_mode }, { MSR_GS_BASE, has_long_mode }, { MSR_KERNEL_GS_BASE, has_long_mode },
};

static void clear_debug_registers(void)
{
	uintptr_t zero = 0;

	__asm__ volatile("mov %0, %%dr7" :: "r"((uintptr_t)DR7_RESET));     /* first: no breakpoint while they change */
	__asm__ volatile("mov %0, %%dr0; mov %0, %%dr1; mov %0, %%dr2; mov %0, %%dr3" :: "r"(zero));
	__asm__ volatile("mov %0, %%dr6" :: "r"((uintptr_t)DR6_RESET));
}

void arch_user_state_init(void)
{
	/* A loader may leave NT, which makes the first IRET a task return, or AC, which opens user pages under SMAP. */
	__asm__ volatile("push %0; popf" :: "i"(EFLAGS_ONE) : "memory", "cc");
	/* After reset LDTR has base 0 and limit FFFF (SDM vol. 3A table 10-1): a program that maps page 1 could write a
	 * call gate there. */
	__asm__ volatile("lldt %w0" :: "r"(0));
	clear_debug_registers();
	if (x86_has_cr4())
		write_cr4(read_cr4() & CR4_USED);
	for (size_t i = 0; i < ARRAY_LEN(zero_msrs); i++)
		if (zero_msrs[i].exists())
			wrmsr(zero_msrs[i].msr, 0);
	/* Without SCE, SYSCALL is an undefined instruction; a kernel that uses it sets the bit and the MSRs afterwards. */
	if (has_efer())
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) & (EFER_LME | EFER_LMA | EFER_NXE));
}
