/* inspect/explain.h - shows how an address is translated: each table index, each entry with every bit in words.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* Prints the address in binary, split into indices and offset; for each level the address of the entry (table + index * size) and
 * its bits; the physical address; a dump of the memory by virtual and by physical address. Walks the target's root. False: the
 * address is not mapped. */
bool explain_va(struct out *out, const struct target *t, uint64_t va);
/* Prints one entry of a level bit by bit, and its output address. */
void explain_entry(struct out *out, const struct target *t, unsigned level, pte_t pte);
/* Chooses between an entry and an address. A self-map address means the entry stored there. A value at which nothing is mapped
 * and that is a valid entry means that entry. Anything else is an address. The first line says which. False: an address without
 * a translation, or an empty entry. */
bool explain(struct out *out, const struct target *t, uint64_t value);
