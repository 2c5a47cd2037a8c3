/* inspect/refused.h - checks a root address; the reason if it is invalid.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/out.h"
#include "paging/format.h"

/* As pt_root_of(). False: `why` contains the reason. */
#define REFUSED_WHY 160
bool root_or_why(const struct pt_mode *mode, uint64_t value, paddr_t *root, char why[REFUSED_WHY]);
