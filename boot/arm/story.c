/* boot/arm/story.c - notes each stage as it is reached, with the registers that matter.
 * SPDX-License-Identifier: MIT
 *
 * Runs before and after the switch: its address is the same, since it is identity-mapped.
 */
#include "boot/arm/boot.h"
#include "boot/record.h"

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
	s->ctl[0] = read_sctlr();
	s->ctl[2] = read_ttbcr();
	s->ctl[1] = s->ctl[2] & TTBCR_EAE ? read_ttbr0_64() : read_ttbr0();
	s->ctl[3] = read_dacr();
	boot_record_write((volatile struct boot_record *)BOOT_RECORD_PA, stage);
}
