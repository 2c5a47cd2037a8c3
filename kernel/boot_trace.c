/* kernel/boot_trace.c - the boot trace, continued by the kernel.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/boot_trace.h"
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "boot/record.h"
#include "kernel/main.h"

/* The record that survives a reset is written first and always; the list of steps stops when it is
 * full (BOOT_MAX_STEPS). pc and sp are those of the caller. */
void kernel_boot_stage(uint32_t stage)
{
	struct boot_step *s = &boot_info.step[boot_info.step_count];

	boot_record_write((volatile struct boot_record *)(DIRECT_MAP_BASE + BOOT_RECORD_PA - DIRECT_MAP_PHYS), stage);
	if (boot_info.step_count == BOOT_MAX_STEPS)
		return;
	boot_info.step_count++;
	s->stage = stage;
	s->pc = (uintptr_t)__builtin_return_address(0);
	s->sp = (uintptr_t)__builtin_frame_address(0);
	arch_control_words(s->ctl);
}
