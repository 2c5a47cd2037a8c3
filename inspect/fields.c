/* inspect/fields.c - an entry as named bit-fields: WinDbg's dt.
 * SPDX-License-Identifier: MIT
 *
 * The layout is built first: a list that covers all bits of the entry. Then its values or positions are printed.
 */
#include "inspect/fields.h"
#include "inspect/windbg.h"
#include "lib/string.h"
#include "paging/soft.h"

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

/* ---- reserved bits ---- */

/* A leaf for frame 0, or for frame 8, with the first memory type that the mode can map. */
static bool make_page(const struct pt_mode *mode, unsigned level, bool other, pte_t *page)
{
	paddr_t pa = PADDR(other ? 8 * pt_level_size(mode->format, level) : 0);

	for (prot_t cache = CACHE_WB; cache <= CACHE_UC; cache += CACHE_WT)
		if (mode->format->make_leaf(mode, level, pa, PROT_R | PROT_X | cache, page) == OK)
			return true;
	return false;
}

/* True if each single bit of the field, added to `base`, makes it PT_BAD. */
static bool each_bit_is_bad(const struct pt_mode *mode, unsigned level, const struct pt_field *field, pte_t base)
{
	for (unsigned i = 0; i < field->width; i++)
		if (mode->format->kind(mode, level, field_with_bit(base, field->lsb + i, true)) != PT_BAD)
			return false;
	return true;
}

/* The same for a page. A bit that only some frame numbers permit (RISC-V's N) is not reserved: two of them are tried. */
static bool is_bad_in_pages(const struct pt_mode *mode, unsigned level, const struct pt_field *field)
{
	pte_t page;

	for (unsigned other = 0; other < 2; other++)
		if (make_page(mode, level, other, &page) && !each_bit_is_bad(mode, level, field, page))
			return false;
	return make_page(mode, level, false, &page);
}

bool field_is_reserved(const struct pt_mode *mode, unsigned level, const struct pt_field *field)
{
	bool table = level && (field->forms & PT_FORM_TABLE), leaf = field->forms & (PT_FORM_LEAF | PT_FORM_REPEATED);
	pte_t page;

	leaf = leaf && make_page(mode, level, false, &page);
	if (table && !each_bit_is_bad(mode, level, field, mode->format->make_table(mode, level, PADDR(0), 0)))
		return false;
	if (leaf && !is_bad_in_pages(mode, level, field))
		return false;
	return table || leaf;
}

/* Set bits of `pte` that are reserved in every entry of these forms. */
static uint64_t reserved_of(const struct pt_mode *mode, unsigned level, pte_t pte, unsigned forms)
{
	uint64_t reserved = 0;

	for (unsigned bit = 0; bit < 64; bit++) {
		struct pt_field one = { .lsb = (uint8_t)bit, .width = 1, .forms = (uint8_t)forms };

		if ((pte.v >> bit & 1) && field_is_reserved(mode, level, &one))
			reserved |= ones(bit, 1);
	}
	return reserved;
}

uint64_t entry_reserved_bits(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	uint64_t reserved = reserved_of(mode, level, pte, PT_FORM_TABLE | PT_FORM_LEAF);

	/* Still bad: the remaining culprits are reserved in large pages only. */
	if (mode->format->kind(mode, level, PTE(pte.v & ~reserved)) == PT_BAD)
		reserved |= reserved_of(mode, level, pte, PT_FORM_LEAF);
	return reserved;
}

/* ---- layouts ---- */

/* Inserts a field at its place in the order of bits. A field without bits, or with bits that another one has, is dropped. */
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

/* True if the field is reserved in this mode: it makes every page PT_BAD (NX with EFER.NXE off). */
static bool is_reserved(const struct pt_mode *mode, const struct pt_field *field)
{
	return (field->levels & 1) && is_bad_in_pages(mode, 0, field);
}

static void hardware_layout(const struct pt_mode *mode, unsigned level, unsigned form, struct layout *l)
{
	const struct pt_format *f = mode->format;

	for (unsigned i = 0; i < f->field_count; i++) {
		const struct pt_field *field = &f->fields[i];
		/* With a self-map a table is also a page of entries, so one structure describes all levels. */
		bool everywhere = field->width > 0 && (f->caps & PT_SELFMAP);

		if (field->forms & (PT_FIELD_NOT_DT | PT_FIELD_LETTER))
			continue;
		if ((everywhere || field_applies(field, level, form)) && !is_reserved(mode, field))
			add(l, field->name, field_mask(field));
	}
}

/* _MMPTE_PROTOTYPE includes the form that refers to the VAD. Where two fields share bits, the one of the address is listed. */
static void software_layout(const struct pt_mode *mode, enum dt_type type, struct layout *l)
{
	static const uint8_t kinds[] = {
		[DT_SOFTWARE] = SOFT_IN_PAGEFILE | SOFT_IN_DEMAND_ZERO, [DT_TRANSITION] = SOFT_IN_TRANSITION,
		[DT_PROTOTYPE] = SOFT_IN_PROTOTYPE | SOFT_IN_VAD,
	};
	const struct pt_format *f = mode->format;

	for (unsigned i = 0; i < f->soft->count; i++) {
		const struct pt_soft_field *field = &f->soft->fields[i];

		if (field->kinds & kinds[type])
			add(l, field->name, ones(field->lsb, pt_soft_width(mode, field)));
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

	/* Outside the self-map the level is not known; level 0 is the most likely. */
	if (!target_entry_at(t, address, &level, &va))
		level = 0;
	if (err != OK) {
		(void)windbg_compressed(out, t, address);
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
