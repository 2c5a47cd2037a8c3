/* inspect/refused.h - why a number is no root.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/out.h"
#include "paging/format.h"

/* What pt_root_of() meant by this error, without a newline. */
void put_refused_root(struct out *out, const struct pt_mode *mode, err_t err);
