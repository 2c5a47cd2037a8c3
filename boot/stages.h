/* boot/stages.h - the stages that assembly notes, of enum boot_stage; checked in boot/stage.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define NOTE_CONTROL 4
#define NOTE_ROOT    5
#define NOTE_PAGING  6
