/* paging/pieces.h - address bits that an entry does not keep at their own position; for fmt_*.c alone.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include <stdint.h>

/* Entry bits [lsb, lsb + width) are the address bits from `pa` on. A table of them ends with width 0. */
struct pt_piece { uint8_t lsb, width, pa; };

/* The part of the address that these pieces of an entry hold. */
static inline uint64_t pt_gather(const struct pt_piece *p, uint64_t entry)
{
	uint64_t address = 0;

	for (; p->width; p++)
		address |= (entry >> p->lsb & ((1u << p->width) - 1)) << p->pa;
	return address;
}

/* The inverse: the entry bits that hold this part of the address. pt_scatter(p, ~0): all of them. */
static inline uint64_t pt_scatter(const struct pt_piece *p, uint64_t address)
{
	uint64_t entry = 0;

	for (; p->width; p++)
		entry |= (address >> p->pa & ((1u << p->width) - 1)) << p->lsb;
	return entry;
}
