/* kernel/story.h - the record of the boot that `mmu` prints.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

/* Appends to the story that `mmu` tells (boot_info.step), with the control registers as they are, and marks the stage
 * (enum boot_stage) in the record that survives a reset. */
void kernel_story_note(uint32_t stage);
