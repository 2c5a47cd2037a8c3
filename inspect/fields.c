/* inspect/fields.c - an entry as named bit-fields: WinDbg's dt.
 * SPDX-License-Identifier: MIT
 *
 * A layout is built first, a list of fields without holes; values or positions are printed from it.
 */
#include "inspect/fields.h"
#include "lib/string.h"

#define MAX_FIELDS 64

struct slot {
	const char *name;     /* NULL: a hole */
	uint8_t lsb, width;
};

struct layout {
	unsigned n;
	struct slot slot[MAX_FIELDS];
};

static uint64_t ones(unsigned lsb, unsigned width)
{
	return (width >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << width) - 1) << lsb;
}

pte_t field_with_bit(pte_t pte, unsigned bit, bool set)
{
	uint64_t mask = ones(bit, 1);

	return PTE(set ? pte.v | mask : pte.v & ~mask);
}

/* ---- layouts ---- */

/* Keeps the list in order. What has no bits, or bits that are taken, is left out. */
static void add(struct layout *l, const char *name, uint64_t mask)
{
	unsigned lsb = 0, width = 0, at = l->n;

	if (mask == 0 || l->n == MAX_FIELDS)
		return;
	while (!(mask >> lsb & 1))
		lsb++;
	while (lsb + width < 64 && (mask >> (lsb + width) & 1))
		width++;
	for (unsigned i = 0; i < l->n; i++)
		if (ones(l->slot[i].lsb, l->slot[i].width) & mask)
			return;
	for (; at > 0 && l->slot[at - 1].lsb > lsb; at--)
		l->slot[at] = l->slot[at - 1];
	l->slot[at] = (struct slot){ name, (uint8_t)lsb, (uint8_t)width };
	l->n++;
}

static void add_holes(struct layout *l, unsigned bits)
{
	uint64_t used = 0;

	for (unsigned i = 0; i < l->n; i++)
		used |= ones(l->slot[i].lsb, l->slot[i].width);
	for (unsigned bit = 0, width; bit < bits; bit += width) {
		for (width = 0; bit + width < bits && !(used >> (bit + width) & 1); width++)
			;
		if (width)
			add(l, NULL, ones(bit, width));
		else
			width = 1;
	}
}

/* A bit that makes every page bad means nothing in this mode: NX with EFER.NXE off. */
static bool is_reserved(const struct pt_mode *mode, const struct pt_field *field)
{
	pte_t page;

	if (!(field->levels & 1) || mode->format->make_leaf(mode, 0, PADDR(0), PROT_R | PROT_X, &page) != OK)
		return false;
	for (unsigned i = 0; i < field->width; i++)
		if (mode->format->kind(mode, 0, field_with_bit(page, field->lsb + i, true)) != PT_BAD)
			return false;
	return true;
}

static void hardware_layout(const struct pt_mode *mode, unsigned level, unsigned form, struct layout *l)
{
	const struct pt_format *f = mode->format;

	for (unsigned i = 0; i < f->field_count; i++) {
		const struct pt_field *field = &f->fields[i];
		/* Where tables can be their own entries, one structure serves all levels. */
		bool everywhere = field->width > 0 && (f->caps & PT_SELFMAP);

		if (field->forms & (PT_FIELD_NOT_DT | PT_FIELD_LETTER))
			continue;
		if ((everywhere || field_applies(field, level, form)) && !is_reserved(mode, field))
			add(l, field->name, field_mask(field));
	}
}

/* The bits of one number of a not-present entry: those that change with it, as far as it comes back. */
enum number { NUMBER_FILE, NUMBER_OFFSET, NUMBER_FRAME, NUMBER_PROTO, NUMBER_PROTECT };

static void set_number(struct pt_soft *soft, enum number which, uint64_t v)
{
	switch (which) {
	case NUMBER_FILE:
		soft->file = (uint8_t)v;
		break;
	case NUMBER_OFFSET:
		soft->offset = v;
		break;
	case NUMBER_FRAME:
		soft->pfn = PFN(v);
		break;
	case NUMBER_PROTO:
		soft->proto = v;
		break;
	case NUMBER_PROTECT:
		soft->protect = (uint8_t)v;
		break;
	}
}

static uint64_t get_number(const struct pt_soft *soft, enum number which)
{
	switch (which) {
	case NUMBER_FILE:
		return soft->file;
	case NUMBER_OFFSET:
		return soft->offset;
	case NUMBER_FRAME:
		return soft->pfn.v;
	case NUMBER_PROTO:
		return soft->proto;
	default:
		return soft->protect;
	}
}

/* Page-file entries always hold an offset: 0 is none. */
static struct pt_soft plain(enum pt_soft_kind kind)
{
	return (struct pt_soft){ .kind = kind, .offset = kind == SOFT_PAGEFILE };
}

static uint64_t probe(const struct pt_mode *mode, enum pt_soft_kind kind, enum number which)
{
	static const uint8_t limit[] = { 8, 64, 64, 64, 5 };
	struct pt_soft soft = plain(kind), back;
	uint64_t mask = 0;
	pte_t base, pte;

	if (mode->format->soft_encode(mode, &soft, &base) != OK)
		return 0;
	for (unsigned bit = 0; bit < limit[which]; bit++) {
		soft = plain(kind);
		set_number(&soft, which, 1ull << bit);
		if (mode->format->soft_encode(mode, &soft, &pte) != OK)
			break;
		mode->format->soft_decode(mode, 0, pte, &back);
		if (back.kind != kind || get_number(&back, which) != 1ull << bit)
			break;
		/* The plain entry's own offset is a part of the field too. */
		mask |= pte.v ^ base.v;
	}
	return mask;
}

static uint64_t mark_of(const struct pt_mode *mode, enum pt_soft_kind kind)
{
	struct pt_soft soft = plain(kind);
	pte_t pte;

	return mode->format->soft_encode(mode, &soft, &pte) == OK ? pte.v : 0;
}

static void software_layout(const struct pt_mode *mode, enum dt_type type, struct layout *l)
{
	const struct pt_format *f = mode->format;

	add(l, "Prototype", mark_of(mode, SOFT_PROTOTYPE));
	add(l, "Transition", mark_of(mode, SOFT_TRANSITION));
	add(l, "Protection", probe(mode, SOFT_TRANSITION, NUMBER_PROTECT));
	if (type == DT_SOFTWARE) {
		add(l, "PageFileLow", probe(mode, SOFT_PAGEFILE, NUMBER_FILE));
		add(l, "PageFileHigh", probe(mode, SOFT_PAGEFILE, NUMBER_OFFSET));
	} else if (type == DT_TRANSITION) {
		add(l, "PageFrameNumber", probe(mode, SOFT_TRANSITION, NUMBER_FRAME));
	} else {
		add(l, "ProtoAddress", probe(mode, SOFT_PROTOTYPE, NUMBER_PROTO));
	}
	for (unsigned i = 0; i < f->field_count; i++)
		if (field_applies(&f->fields[i], 0, PT_FORM_SOFT))
			add(l, f->fields[i].name, field_mask(&f->fields[i]));
}

/* ---- printing ---- */

static void put_name(struct out *out, const struct slot *slot, enum dt_type type, unsigned *holes)
{
	char hole[24];

	if (!slot->name)
		str_printf(hole, sizeof(hole), type == DT_HARDWARE ? "reserved%u" : "Unused%u",
		           (*holes)++ + (type == DT_HARDWARE));
	out_printf(out, "   +0x000 %-16s : ", slot->name ? slot->name : hole);
}

static void put_value(struct out *out, const struct slot *slot, pte_t pte)
{
	uint64_t v = (pte.v & ones(slot->lsb, slot->width)) >> slot->lsb;

	out_puts(out, "0y");
	for (unsigned i = slot->width; i-- > 0; )
		out_char(out, v >> i & 1 ? '1' : '0');
	if (slot->width > 1)
		out_printf(out, v ? " (0x%llx)" : " (%llx)", (unsigned long long)v);
	out_char(out, '\n');
}

static void put_layout(struct out *out, const struct layout *l, enum dt_type type, const pte_t *pte)
{
	unsigned holes = 0;

	for (unsigned i = 0; i < l->n; i++) {
		const struct slot *slot = &l->slot[i];

		put_name(out, slot, type, &holes);
		if (pte)
			put_value(out, slot, *pte);
		else
			out_printf(out, "Pos %u, %u Bit%s\n", slot->lsb, slot->width, slot->width > 1 ? "s" : "");
	}
}

static void put_type(struct out *out, const struct target *t, enum dt_type type, unsigned level, const pte_t *pte)
{
	struct layout l = { .n = 0 };

	if (type == DT_HARDWARE)
		hardware_layout(t->mode, level, pte ? pt_form(t->mode, level, *pte) : PT_FORM_LEAF, &l);
	else
		software_layout(t->mode, type, &l);
	add_holes(&l, t->mode->format->entry_bytes * 8u);
	put_layout(out, &l, type, pte);
}

void windbg_dt_entry(struct out *out, const struct target *t, enum dt_type type, unsigned level, pte_t pte)
{
	put_type(out, t, type, level, &pte);
}

static const struct { const char *type, *member; } types[] = {
	[DT_HARDWARE] = { "_MMPTE_HARDWARE", "Hard" }, [DT_SOFTWARE] = { "_MMPTE_SOFTWARE", "Soft" },
	[DT_TRANSITION] = { "_MMPTE_TRANSITION", "Trans" }, [DT_PROTOTYPE] = { "_MMPTE_PROTOTYPE", "Proto" },
};

/* _MMPTE is the union u of all forms. */
static err_t put_union(struct out *out, const char *member)
{
	const char *wanted = member && str_starts(member, "u.") ? member + 2 : NULL;
	bool found = false;

	if (member && *member && !wanted && str_casecmp(member, "u"))
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (wanted && *wanted && str_casecmp(wanted, types[i].member))
			continue;
		if (!found)
			out_puts(out, "nt!_MMPTE\n   +0x000 u                :\n");
		found = true;
		out_printf(out, "      +0x000 %-16s : %s\n", types[i].member, types[i].type);
	}
	return found ? OK : ERR_NOT_FOUND;
}

static err_t put_at(struct out *out, const struct target *t, enum dt_type type, uint64_t address)
{
	unsigned bytes = t->mode->format->entry_bytes;
	unsigned level;
	uint64_t va;
	pte_t pte = PTE(0);
	err_t err = target_read_virt(t, address, &pte.v, bytes);

	/* Elsewhere it is anybody's guess; most entries are pages. */
	if (!target_entry_at(t, address, &level, &va))
		level = 0;
	if (err != OK) {
		out_printf(out, "Memory read error %0*llx\n", (int)target_va_digits(t), (unsigned long long)address);
		return ERR_IO;
	}
	out_printf(out, "nt!%s\n", types[type].type);
	windbg_dt_entry(out, t, type, level, pte);
	return OK;
}

err_t windbg_dt(struct out *out, const struct target *t, const char *type, const char *member,
                const uint64_t *address)
{
	if (str_starts(type, "nt!"))
		type += 3;
	if (!str_casecmp(type, "_MMPTE"))
		return put_union(out, member);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (str_casecmp(type, types[i].type))
			continue;
		if (member && *member)
			return ERR_NOT_FOUND;
		if (address)
			return put_at(out, t, (enum dt_type)i, *address);
		out_printf(out, "nt!%s\n", types[i].type);
		put_type(out, t, (enum dt_type)i, 0, NULL);
		return OK;
	}
	return ERR_NOT_FOUND;
}
