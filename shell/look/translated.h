/* shell/look/translated.h - whether an address has a translation: the exit status of a command in tools/pagewalk.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* By the tables of the selected root. Rights do not count: a page without any is translated, too. */
static inline bool is_translated(const struct target *t, uint64_t va)
{
	struct pt_space space = target_space(t);
	struct pt_walk w;

	pt_walk(&space, va, &w, NULL, 0);
	return w.outcome == PT_LEAF;
}
