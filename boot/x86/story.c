/* boot/x86/story.c - notes each stage as it is reached, with the registers that matter.
 * SPDX-License-Identifier: MIT
 *
 * Runs before and after the switch: its address is the same, since it is identity-mapped.
 */
#include "arch/x86/io.h"
#include "arch/x86/regs.h"
#include "boot/record.h"
#include "boot/x86/boot.h"

static struct boot_info *story;

void story_begin(struct boot_info *info)
{
	story = info;
}

void story_note(uint32_t stage)
{
	struct boot_step *s = &story->step[story->step_count++];

	s->stage = stage;
	s->pc = (uintptr_t)__builtin_return_address(0);
	s->sp = (uintptr_t)__builtin_frame_address(0);
	s->ctl[0] = read_cr0();
	s->ctl[1] = read_cr3();
	s->ctl[2] = boot_cpu.cr4 ? read_cr4() : 0;
	s->ctl[3] = boot_cpu.efer ? rdmsr(MSR_EFER) : 0;
	boot_record_write((volatile struct boot_record *)BOOT_RECORD_PA, stage);
}
