/* shell/live/put_entry.h - an entry in the output of `setpte`, `log` and `diff`.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* Prints an entry with all digits of the format: 8 or 16. */
static inline void put_entry(struct out *out, const struct target *t, pte_t pte)
{
	out_printf(out, "%0*llx", t->mode->format->entry_bytes * 2, (unsigned long long)pte.v);
}
