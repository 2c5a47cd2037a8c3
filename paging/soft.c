/* paging/soft.c - not-present entries to words and back, by the layout of the format.
 * SPDX-License-Identifier: MIT
 */
#include "paging/soft.h"

/* n low bits set; n may be 64, for which a shift alone would be undefined. */
static uint64_t low_bits(unsigned n)
{
	return n >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << n) - 1;
}

unsigned pt_soft_in(const struct pt_soft *soft)
{
	if (soft->kind == SOFT_ZERO)
		return 0;
	return 1u << (soft->kind + (soft->kind == SOFT_PROTOTYPE && soft->vad));
}

unsigned pt_soft_width(const struct pt_mode *mode, const struct pt_soft_field *field)
{
	return field->number == SOFT_FRAME && field->lsb + field->width > mode->pa_bits ? mode->pa_bits - field->lsb
	                                                                                : field->width;
}

bool pt_soft_has(const struct pt_format *f, unsigned kinds, enum pt_soft_number number)
{
	for (unsigned i = 0; i < f->soft->count; i++)
		if (f->soft->fields[i].number == number && (f->soft->fields[i].kinds & kinds))
			return true;
	return false;
}

/* One number of an entry of these kinds; a number may stand in pieces. *bits: those of the number that have a place. */
static uint64_t gather(const struct pt_mode *mode, unsigned kinds, unsigned number, pte_t pte, uint64_t *bits)
{
	const struct pt_soft_layout *layout = mode->format->soft;
	uint64_t v = 0;

	*bits = 0;
	for (unsigned i = 0; i < layout->count; i++) {
		const struct pt_soft_field *field = &layout->fields[i];
		uint64_t mask;

		if (field->number != number || !(field->kinds & kinds))
			continue;
		mask = low_bits(pt_soft_width(mode, field));
		v |= (pte.v >> field->lsb & mask) << field->shift;
		*bits |= mask << field->shift;
	}
	return v;
}

/* False: the number has bits without a place. */
static bool scatter(const struct pt_mode *mode, unsigned kinds, unsigned number, uint64_t v, uint64_t *entry)
{
	const struct pt_soft_layout *layout = mode->format->soft;

	for (unsigned i = 0; i < layout->count; i++) {
		const struct pt_soft_field *field = &layout->fields[i];
		uint64_t mask;

		if (field->number != number || !(field->kinds & kinds))
			continue;
		mask = low_bits(pt_soft_width(mode, field));
		*entry |= (v >> field->shift & mask) << field->lsb;
		v &= ~(mask << field->shift);
	}
	return v == 0;
}

/* True if the mark bit of a kind (prototype, transition) is set, wherever this format has it: a mark is one field. */
static bool is_marked(const struct pt_mode *mode, unsigned mark, pte_t pte)
{
	const struct pt_soft_layout *layout = mode->format->soft;

	for (unsigned i = 0; i < layout->count; i++)
		if (layout->fields[i].number == mark)
			return pte.v >> layout->fields[i].lsb & 1;
	return false;
}

/* A page file's offset of all ones, in an entry marked as a prototype, means "ask the VAD". */
static bool asks_vad(const struct pt_mode *mode, pte_t pte)
{
	uint64_t bits;

	return gather(mode, SOFT_IN_PAGEFILE, SOFT_OFFSET, pte, &bits) == bits;
}

/* Returns the bits above the highest one that has a place in the entry, if `v` has that one set
 * and the format extends its sign; else 0. */
static uint64_t sign_of(const struct pt_mode *mode, uint64_t v, uint64_t bits)
{
	uint64_t top = bits & ~(bits >> 1);

	while (top & (top - 1))
		top &= top - 1;
	return mode->format->soft->proto_signed && (v & top) ? ~(top | (top - 1)) : 0;
}

/* The order follows Windows: the prototype mark counts before the transition mark. Without either,
 * an offset of 0 means demand-zero. */
static void find_kind(const struct pt_mode *mode, pte_t pte, struct pt_soft *out)
{
	uint64_t bits;

	if (is_marked(mode, SOFT_MARK_PROTOTYPE, pte)) {
		out->kind = SOFT_PROTOTYPE;
		out->vad = asks_vad(mode, pte);
	} else if (is_marked(mode, SOFT_MARK_TRANSITION, pte)) {
		out->kind = SOFT_TRANSITION;
	} else {
		out->kind = gather(mode, SOFT_IN_PAGEFILE, SOFT_OFFSET, pte, &bits) ? SOFT_PAGEFILE : SOFT_DEMAND_ZERO;
	}
}

/* Every number of an entry of these kinds in one pass: page-out decodes an entry several times for each page. *proto_bits: as
 * *bits of gather(), for SOFT_PROTO. */
static void gather_all(const struct pt_mode *mode, unsigned kinds, pte_t pte, uint64_t *v, uint64_t *proto_bits)
{
	const struct pt_soft_field *field = mode->format->soft->fields, *end = field + mode->format->soft->count;

	for (; field < end; field++) {
		uint64_t mask;

		if (!(field->kinds & kinds))
			continue;
		mask = low_bits(pt_soft_width(mode, field));
		v[field->number] |= (pte.v >> field->lsb & mask) << field->shift;
		if (field->number == SOFT_PROTO)
			*proto_bits |= mask << field->shift;
	}
}

void pt_soft_decode(const struct pt_mode *mode, pte_t pte, struct pt_soft *out)
{
	uint64_t v[SOFT_NUMBERS] = { 0 }, proto_bits = 0;
	unsigned in;

	*out = (struct pt_soft){ .kind = SOFT_ZERO };
	if (pte.v == 0)
		return;
	find_kind(mode, pte, out);
	in = pt_soft_in(out);
	gather_all(mode, in, pte, v, &proto_bits);
	out->protect = (uint8_t)v[SOFT_PROTECT];
	out->file = (uint8_t)v[SOFT_FILE];
	out->offset = v[SOFT_OFFSET];
	out->pfn = PFN(v[SOFT_FRAME]);
	out->proto = v[SOFT_PROTO];
	if (proto_bits)
		out->proto |= sign_of(mode, out->proto, proto_bits);
	if (in == SOFT_IN_PROTOTYPE)
		out->proto += mode->format->soft->proto_first;
}

/* The address of the prototype PTE is stored relative to proto_first and, if the format extends
 * its sign, without its upper bits. ERR_RANGE: bits without a place, or the result would read as
 * "ask the VAD". */
static err_t encode_proto(const struct pt_mode *mode, const struct pt_soft *soft, uint64_t *v)
{
	uint64_t bits, all, proto = soft->proto - mode->format->soft->proto_first;

	if (soft->vad) {
		gather(mode, SOFT_IN_PAGEFILE, SOFT_OFFSET, PTE(0), &all);
		return scatter(mode, SOFT_IN_PAGEFILE, SOFT_OFFSET, all, v) ? OK : ERR_RANGE;
	}
	gather(mode, SOFT_IN_PROTOTYPE, SOFT_PROTO, PTE(0), &bits);
	proto ^= sign_of(mode, proto, bits);
	if (!scatter(mode, SOFT_IN_PROTOTYPE, SOFT_PROTO, proto, v) || asks_vad(mode, PTE(*v)))
		return ERR_RANGE;
	return OK;
}

/* Encodes the kind and the location of the page. ERR_RANGE: a number has bits without a place in
 * this format. ERR_INVALID: the entry would be zero, or the kind is unknown. */
static err_t encode_place(const struct pt_mode *mode, const struct pt_soft *soft, uint64_t *v)
{
	switch (soft->kind) {
	case SOFT_PROTOTYPE:
		scatter(mode, SOFT_IN_ANY, SOFT_MARK_PROTOTYPE, 1, v);
		return encode_proto(mode, soft, v);
	case SOFT_TRANSITION:
		scatter(mode, SOFT_IN_ANY, SOFT_MARK_TRANSITION, 1, v);
		return scatter(mode, SOFT_IN_TRANSITION, SOFT_FRAME, soft->pfn.v, v) ? OK : ERR_RANGE;
	case SOFT_PAGEFILE:
		/* Offset 0 is the page file's header: as an entry it would read as demand-zero. */
		if (soft->offset == 0 || !scatter(mode, SOFT_IN_PAGEFILE, SOFT_FILE, soft->file, v) ||
		    !scatter(mode, SOFT_IN_PAGEFILE, SOFT_OFFSET, soft->offset, v))
			return ERR_RANGE;
		return OK;
	case SOFT_DEMAND_ZERO:
		/* Without a protection it would be the zero entry: no record at all. */
		return soft->protect ? OK : ERR_INVALID;
	case SOFT_ZERO:
		return soft->protect ? ERR_RANGE : OK;
	}
	return ERR_INVALID;
}

err_t pt_soft_encode(const struct pt_mode *mode, const struct pt_soft *soft, pte_t *out)
{
	uint64_t v = 0;
	err_t err = encode_place(mode, soft, &v);

	if (err == OK && !scatter(mode, pt_soft_in(soft), SOFT_PROTECT, soft->protect, &v))
		err = ERR_RANGE;
	if (err == OK)
		*out = PTE(v);
	return err;
}
