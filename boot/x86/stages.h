/* boot/x86/stages.h - the boot stages that assembly names; values of enum boot_stage, checked in main.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#ifdef __ASSEMBLER__
#define STAGE_CONTROL 4
#define STAGE_ROOT    5
#define STAGE_PAGING  6
#endif
