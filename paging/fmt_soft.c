/* paging/fmt_soft.c - not-present entries to words and back.
 * SPDX-License-Identifier: MIT
 */
#include "paging/fmt_soft.h"

#define PROTECT_SHIFT 5
#define PROTECT_MASK  0x1Fu
#define PROTO         (1ull << 10)   /* beats TRANS */
#define TRANS         (1ull << 11)

const struct soft_layout soft_layout_64 = { 64, 32, 1, 4 };
const struct soft_layout soft_layout_32 = { 32, 12, 1, 4 };
const struct soft_layout soft_layout_short = { 32, 12, 2, 3 };

static uint64_t low_bits(unsigned n)
{
	return ((uint64_t)1 << n) - 1;
}

/* The highest value that the offset field holds; as a prototype address it means "ask the VAD". */
static uint64_t offset_max(const struct soft_layout *layout)
{
	return low_bits(layout->entry_bits - layout->offset_shift);
}

/* Bit 63 is left out of a frame: no-execute in the entries that the frame comes from and goes to. */
static uint64_t frame_max(const struct soft_layout *layout)
{
	return low_bits(layout->entry_bits == 64 ? 63 - PAGE_SHIFT : 32 - PAGE_SHIFT);
}

void soft_layout_decode(const struct soft_layout *layout, pte_t pte, struct pt_soft *out)
{
	uint64_t high = pte.v >> layout->offset_shift;

	*out = (struct pt_soft){ .protect = (pte.v >> PROTECT_SHIFT) & PROTECT_MASK };
	if (pte.v == 0) {
		out->kind = SOFT_ZERO;
	} else if (pte.v & PROTO) {
		out->kind = SOFT_PROTOTYPE;
		out->proto = high;
		out->vad = high == offset_max(layout);
	} else if (pte.v & TRANS) {
		out->kind = SOFT_TRANSITION;
		out->pfn = PFN(pte.v >> PAGE_SHIFT & frame_max(layout));
	} else if (high) {
		out->kind = SOFT_PAGEFILE;
		out->file = (uint8_t)(pte.v >> layout->file_shift & low_bits(layout->file_bits));
		out->offset = high;
	} else {
		out->kind = SOFT_DEMAND_ZERO;
	}
}

static err_t encode_place(const struct soft_layout *layout, const struct pt_soft *soft, uint64_t *v)
{
	uint64_t max = offset_max(layout);

	switch (soft->kind) {
	case SOFT_PROTOTYPE:
		if (!soft->vad && soft->proto >= max)
			return ERR_RANGE;
		*v |= PROTO | (soft->vad ? max : soft->proto) << layout->offset_shift;
		return OK;
	case SOFT_TRANSITION:
		if (soft->pfn.v > frame_max(layout))
			return ERR_RANGE;
		*v |= TRANS | soft->pfn.v << PAGE_SHIFT;
		return OK;
	case SOFT_PAGEFILE:
		/* Offset 0 is the page file's header: as an entry it would read as demand-zero. */
		if (soft->offset == 0 || soft->offset > max || soft->file > low_bits(layout->file_bits))
			return ERR_RANGE;
		*v |= (uint64_t)soft->file << layout->file_shift | soft->offset << layout->offset_shift;
		return OK;
	case SOFT_DEMAND_ZERO:
		/* Without a protection it would be the zero entry: no record at all. */
		return soft->protect ? OK : ERR_INVALID;
	case SOFT_ZERO:
		*v = 0;
		return OK;
	}
	return ERR_INVALID;
}

err_t soft_layout_encode(const struct soft_layout *layout, const struct pt_soft *soft, pte_t *out)
{
	uint64_t v = (uint64_t)soft->protect << PROTECT_SHIFT;
	err_t err = soft->protect > PROTECT_MASK ? ERR_RANGE : encode_place(layout, soft, &v);

	if (err == OK)
		*out = PTE(v);
	return err;
}
