/* inspect/refused.h - why a number is no root.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/out.h"
#include "paging/format.h"

/* Prints the meaning of an error of pt_root_of(), without a newline. */
void put_refused_root(struct out *out, const struct pt_mode *mode, err_t err);
