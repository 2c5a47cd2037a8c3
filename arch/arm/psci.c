/* arch/arm/psci.c - power off and reset, through the firmware (PSCI).
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "arch/cpu.h"
#include "hw/arm/regs.h"
#include "lib/out.h"

/* Semihosting for AArch32 (Arm IHI 0108), 5.1 and 7.9: with this reason the second word is the exit status. */
#define SYS_EXIT_EXTENDED 0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

extern struct out console;

static _Noreturn void call(uint32_t function, const char *what)
{
	register uint32_t r0 __asm__("r0") = function;

	__asm__ volatile("cpsid i" ::: "memory");
	if (boot_info.flags & BOOT_PSCI_SMC)
		__asm__ volatile(".arch_extension sec\n\tsmc #0" : "+r"(r0) :: "r1", "r2", "r3", "memory");
	else
		__asm__ volatile(".arch_extension virt\n\thvc #0" : "+r"(r0) :: "r1", "r2", "r3", "memory");
	out_printf(&console, "the firmware does not %s this machine (PSCI said %d)\n", what, (int)r0);
	arch_stop();
}

/* PSCI ends an emulator with status 0. Semihosting, if there is any, can return another status. */
_Noreturn void arch_poweroff(bool failed)
{
	static const uint32_t block[2] = { ADP_STOPPED_APPLICATION_EXIT, 1 };

	if (failed)
		arm_semihosting(SYS_EXIT_EXTENDED, block);
	call(PSCI_SYSTEM_OFF, "switch off");
}

_Noreturn void arch_reboot(void)
{
	call(PSCI_SYSTEM_RESET, "reset");
}
