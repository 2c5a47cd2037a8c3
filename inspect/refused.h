/* inspect/refused.h - why a number is no root.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/out.h"
#include "paging/format.h"

/* As pt_root_of(); after a failure `why` is the reason. */
#define REFUSED_WHY 160
bool root_or_why(const struct pt_mode *mode, uint64_t value, paddr_t *root, char why[REFUSED_WHY]);
