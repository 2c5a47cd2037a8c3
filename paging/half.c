/* paging/half.c - selects the half of an address space that translates an address.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.5.4 (TTBCR.N) and B3.6.4 (T0SZ, T1SZ), DDI 0487 D8.2: the half with fewer address bits translates all of
 * its addresses, and the other half translates the rest. With N or T0SZ above zero and T1SZ zero, TTBR1 translates everything
 * that TTBR0 does not.
 */
#include "paging/range.h"

/* Index of the half with fewer address bits; with equal widths the lower half (TTBR0). */
static unsigned narrow_half(const struct pt_space *s)
{
	return pt_mode_va_bits(s->half[1].mode) < pt_mode_va_bits(s->half[0].mode);
}

const struct pt_tree *pt_tree_of_two(const struct pt_space *s, uint64_t va)
{
	unsigned narrow = narrow_half(s);

	return &s->half[pt_va_valid(s->half[narrow].mode, va) ? narrow : !narrow];
}

void pt_half_range(const struct pt_space *s, unsigned half, uint64_t *first, uint64_t *last)
{
	const struct pt_mode *own = s->half[half].mode, *other = s->half[!half].mode;
	uint64_t low = pt_va_canonical(other, 0), high = low + pt_mode_va_mask(other);

	*first = pt_va_canonical(own, 0);
	*last = *first + pt_mode_va_mask(own);
	if (half == narrow_half(s) || low > *last || high < *first)
		return;
	/* The narrow half translates the addresses at one end of this half's range: they are cut off. */
	if (half == 1)
		*first = high + 1;
	else
		*last = low - 1;
}

/* The copy has the same tree in both halves, so pt_is_one_tree() holds for it and the functions of
 * one tree can be used. It is valid as long as `room` is. */
const struct pt_space *pt_half_of_two(const struct pt_space *s, uint64_t va, struct pt_space *room)
{
	*room = *s;
	room->half[0] = room->half[1] = *pt_tree_of_two(s, va);
	return room;
}

/* Parts of [va, last] in each half. ERR_RANGE: a part of it is in neither. */
static err_t parts_of_halves(const struct pt_space *s, uint64_t va, uint64_t last, struct pt_parts *p)
{
	uint64_t covered = 0;

	p->n = 0;
	for (unsigned i = 0; i < 2; i++) {
		uint64_t mask = pt_mode_va_mask(s->half[i].mode), lo, hi;

		pt_half_range(s, i, &lo, &hi);
		lo = lo > va ? lo : va;
		hi = hi < last ? hi : last;
		if (lo > hi)
			continue;
		p->room[i] = *s;
		p->room[i].half[0] = p->room[i].half[1] = s->half[i];
		p->part[p->n++] = (struct pt_part){ &p->room[i], lo & mask, hi & mask };
		covered += hi - lo + 1;
	}
	return last >= va && covered == last - va + 1 ? OK : ERR_RANGE;
}

err_t pt_range_of(const struct pt_space *s, uint64_t va, uint64_t len, struct pt_parts *p)
{
	const struct pt_mode *mode = s->half[0].mode;
	uint64_t mask = pt_mode_va_mask(mode), last = va + (len - 1);

	if (len == 0 || !IS_ALIGNED(va | len, pt_level_size(mode->format, 0)))
		return ERR_INVALID;
	if (!pt_is_one_tree(s))
		return parts_of_halves(s, va, last, p);
	p->n = 1;
	p->part[0] = (struct pt_part){ s, va & mask, last & mask };
	/* Equal only if the range neither wraps around nor crosses the non-canonical hole. */
	if (!pt_va_valid(mode, va) || !pt_va_valid(mode, last) || (last & mask) - (va & mask) != len - 1)
		return ERR_RANGE;
	return OK;
}
