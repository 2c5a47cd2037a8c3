/* mm/pt/fmt_arm.h - memory types that both ARM descriptor formats can select; for fmt_arm*.c alone.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/pt/format.h"

/* Cache policies as TEX[1:0] and C, B encode them (ARM DDI 0406C, table B3-11). */
enum { ARM_NC, ARM_WB_WA, ARM_WT, ARM_WB };

#define ARM_OUTER(outer) { \
	"normal, outer " outer ", inner non-cacheable", "normal, outer " outer ", inner write-back, write-allocate", \
	"normal, outer " outer ", inner write-through", "normal, outer " outer ", inner write-back, no write-allocate" }

/* [outer policy][inner policy] */
static const char *const arm_normal_memory[4][4] = {
	[ARM_NC] = ARM_OUTER("non-cacheable"), [ARM_WB_WA] = ARM_OUTER("write-back, write-allocate"),
	[ARM_WT] = ARM_OUTER("write-through"), [ARM_WB] = ARM_OUTER("write-back, no write-allocate"),
};
