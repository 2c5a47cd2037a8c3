/* arch/arm/cpu.c - waiting, the counter, the story.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "arch/cpu.h"
#include "boot/record.h"
#include "hw/arm/cp15.h"

void arch_wait(void)
{
	/* WFI wakes for an interrupt that is masked, too, so none fits between finding nothing to do and sleeping;
	 * the ISB has it taken before it is masked again (B1.8.13). DSB: no store stays behind while the CPU sleeps. */
	__asm__ volatile("dsb\n\twfi\n\tcpsie i\n\tisb\n\tcpsid i" ::: "memory");
}

uint64_t arch_ticks(void)
{
	return read_cntvct();
}

_Noreturn void arch_stop(void)
{
	for (;;)
		__asm__ volatile("cpsid i\n\twfi");
}

void arch_story_note(uint32_t stage)
{
	struct boot_step *s = &boot_info.step[boot_info.step_count];

	boot_record_write((volatile struct boot_record *)(DIRECT_MAP_BASE + BOOT_RECORD_PA - DIRECT_MAP_PHYS), stage);
	if (boot_info.step_count == BOOT_MAX_STEPS)
		return;
	boot_info.step_count++;
	s->stage = stage;
	s->pc = (uintptr_t)__builtin_return_address(0);
	s->sp = (uintptr_t)__builtin_frame_address(0);
	s->ctl[0] = read_sctlr();
	s->ctl[1] = arm_long_format() ? read_ttbr0_64() : read_ttbr0();
	s->ctl[2] = read_ttbcr();
	s->ctl[3] = read_dacr();
}
