/* inspect/explain.h - a translation done by hand, step by step, with every bit in words.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* The address in binary, cut into indices and offset; each level's table + index * size and the entry's bits; the
 * physical address; the same bytes dumped by virtual and by physical address. Walks the target's root. False: there is no
 * physical address. */
bool explain_va(struct out *out, const struct target *t, uint64_t va);
/* One entry of a level, bit by bit, and where it points. */
void explain_entry(struct out *out, const struct target *t, unsigned level, pte_t pte);
/* Chooses between an entry and an address. A self-map address means the entry stored there. A value at which nothing is mapped
 * and that is a valid entry means that entry. Anything else is an address. The first line says which. False: an address without
 * a translation, or an empty entry. */
bool explain(struct out *out, const struct target *t, uint64_t value);
