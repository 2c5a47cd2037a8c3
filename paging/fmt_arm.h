/* paging/fmt_arm.h - memory types that both ARM descriptor formats can select; for fmt_arm*.c alone.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/format.h"

/* Cache policies as TEX[1:0] and C, B encode them (ARM DDI 0406C, table B3-11). */
enum { ARM_NC, ARM_WB_WA, ARM_WT, ARM_WB };

#define ARM_TEXT_NC    "non-cacheable"
#define ARM_TEXT_WB_WA "write-back, write-allocate"
#define ARM_TEXT_WT    "write-through"
#define ARM_TEXT_WB    "write-back, no write-allocate"
#define ARM_BOTH(policy)        "normal, " policy
#define ARM_MIXED(outer, inner) "normal, outer " outer ", inner " inner

/* [outer policy][inner policy] */
static const char *const arm_normal_memory[4][4] = {
	[ARM_NC] = {
		[ARM_NC] = ARM_BOTH(ARM_TEXT_NC),
		[ARM_WB_WA] = ARM_MIXED(ARM_TEXT_NC, ARM_TEXT_WB_WA),
		[ARM_WT] = ARM_MIXED(ARM_TEXT_NC, ARM_TEXT_WT),
		[ARM_WB] = ARM_MIXED(ARM_TEXT_NC, ARM_TEXT_WB),
	},
	[ARM_WB_WA] = {
		[ARM_NC] = ARM_MIXED(ARM_TEXT_WB_WA, ARM_TEXT_NC),
		[ARM_WB_WA] = ARM_BOTH(ARM_TEXT_WB_WA),
		[ARM_WT] = ARM_MIXED(ARM_TEXT_WB_WA, ARM_TEXT_WT),
		[ARM_WB] = ARM_MIXED(ARM_TEXT_WB_WA, ARM_TEXT_WB),
	},
	[ARM_WT] = {
		[ARM_NC] = ARM_MIXED(ARM_TEXT_WT, ARM_TEXT_NC),
		[ARM_WB_WA] = ARM_MIXED(ARM_TEXT_WT, ARM_TEXT_WB_WA),
		[ARM_WT] = ARM_BOTH(ARM_TEXT_WT),
		[ARM_WB] = ARM_MIXED(ARM_TEXT_WT, ARM_TEXT_WB),
	},
	[ARM_WB] = {
		[ARM_NC] = ARM_MIXED(ARM_TEXT_WB, ARM_TEXT_NC),
		[ARM_WB_WA] = ARM_MIXED(ARM_TEXT_WB, ARM_TEXT_WB_WA),
		[ARM_WT] = ARM_MIXED(ARM_TEXT_WB, ARM_TEXT_WT),
		[ARM_WB] = ARM_BOTH(ARM_TEXT_WB),
	},
};
