/* boot/arm/stages.h - words that assembly shares with C; checked in boot/arm/main.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define BOOT_STACK_BYTES 8192

/* struct image_header: the low words of the fields that the entry stub reads. */
#define IMAGE_BASE 8
#define IMAGE_END  40

/* struct switch_args */
#define ARG_TTBCR 0
#define ARG_TYPES 4
#define ARG_DACR  12
#define ARG_TTBR0 16
#define ARG_TTBR1 24
#define ARG_SCTLR 32
#define ARG_ENTRY 36
#define ARG_INFO  40

#ifdef __ASSEMBLER__
/* enum boot_stage */
#define STAGE_CONTROL 4
#define STAGE_ROOT    5
#define STAGE_PAGING  6
#endif
