/* kernel/boot_trace.h - the record of the boot that `mmu` prints.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

/* Appends a step to the boot trace that `mmu` prints (boot_info.step), with the current control registers, and stores the stage
 * (enum boot_stage) in the record that survives a reset. */
void kernel_boot_stage(uint32_t stage);
