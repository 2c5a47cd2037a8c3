/* inspect/explain.c - shows how an address is translated: each table index, each entry with every bit in words.
 * SPDX-License-Identifier: MIT
 *
 * Independent of the format: indices follow from the levels, bits from the field table, pages from the walk.
 */
#include "inspect/explain.h"
#include "inspect/dump.h"
#include "inspect/fields.h"
#include "inspect/picture.h"
#include "inspect/windbg.h"
#include "isa/isa.h"
#include "lib/string.h"
#include "paging/soft.h"

#define VALUE_COLUMN 14
#define WORD_COLUMN  26
#define INDEX_COLUMN 38
#define DUMP_BYTES   16u

static void put_size(struct out *out, uint64_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	unsigned unit = 0;

	while (unit + 1 < ARRAY_LEN(units) && size >= 1024 && (size & 1023) == 0) {
		size >>= 10;
		unit++;
	}
	out_printf(out, "%llu %s", (unsigned long long)size, units[unit]);
}

static void put_binary(struct out *out, uint64_t v, unsigned width, bool grouped)
{
	for (unsigned i = width; i-- > 0; ) {
		out_char(out, v >> i & 1 ? '1' : '0');
		if (grouped && i > 0 && i % 8 == 0)
			out_char(out, ' ');
	}
}

/* "  bits 31:30" */
static void begin_bits(struct out *out, unsigned lsb, unsigned width)
{
	if (width == 1)
		out_printf(out, "  bit %u", lsb);
	else
		out_printf(out, "  bits %u:%u", lsb + width - 1, lsb);
	out_pad_to(out, VALUE_COLUMN);
	out_char(out, ' ');
}

/* ---- entries ---- */

/* The meaning of value `v` of the field in words. NULL: there is none. */
static const char *words_of(const struct pt_mode *mode, unsigned level, const struct pt_field *field, uint64_t v)
{
	const struct pt_words *w = mode->format->words;

	if (field_is_reserved(mode, level, field))
		return v ? "must be zero here" : "zero, as it must be here";
	for (; w && w->field; w++)
		if (!strcmp(w->field, field->name))
			return w->say(mode, v);
	return v ? field->when_set : field->when_clear;
}

/* Returns the field's part of the frame number. Its position in the entry can differ from its position in the address. */
static uint64_t frame_part(const struct pt_mode *mode, unsigned level, const struct pt_field *field, pte_t pte)
{
	pte_t without = PTE(pte.v & ~field_mask(field));

	return pfn_of(PADDR(pt_output(mode, level, pte, 0).pa.v - pt_output(mode, level, without, 0).pa.v)).v;
}

static void put_bits(struct out *out, const struct pt_mode *mode, unsigned level, const struct pt_field *field, pte_t pte)
{
	uint64_t v = field_value(field, pte);
	const char *words = words_of(mode, level, field, v);

	if (field->forms & PT_FIELD_FRAME)
		v = frame_part(mode, level, field, pte);
	begin_bits(out, field->lsb, field->width);
	out_printf(out, "%llx", (unsigned long long)v);
	out_pad_to(out, WORD_COLUMN);
	out_printf(out, " %s", field->name);
	if (words)
		out_printf(out, ": %s", words);
	out_char(out, '\n');
}

/* Role of one bit of a field: part of the value, reserved in this mode (address bits above the CPU's physical address width), or
 * the encryption bit. */
enum role { ROLE_FIELD, ROLE_RESERVED, ROLE_ENCRYPTED };

static enum role role_of(const struct pt_mode *mode, unsigned level, const struct pt_field *field, unsigned bit)
{
	struct pt_field one = *field;

	one.lsb = (uint8_t)bit;
	one.width = 1;
	if (field->forms && (mode->encrypted >> bit & 1))
		return ROLE_ENCRYPTED;
	return field_is_reserved(mode, level, &one) ? ROLE_RESERVED : ROLE_FIELD;
}

/* True if bits of the field have different roles, so that they must be printed one by one. */
static bool is_mixed(const struct pt_mode *mode, unsigned level, const struct pt_field *field, pte_t pte)
{
	bool special = false, whole = true;

	for (unsigned bit = field->lsb; bit < field->lsb + field->width; bit++) {
		enum role role = role_of(mode, level, field, bit);

		special |= role == ROLE_ENCRYPTED || (role == ROLE_RESERVED && (pte.v >> bit & 1));
		whole &= role == ROLE_RESERVED;
	}
	return special && !whole;
}

static void put_field(struct out *out, const struct pt_mode *mode, unsigned level, const struct pt_field *field, pte_t pte)
{
	unsigned end = field->lsb + field->width;

	if (!is_mixed(mode, level, field, pte)) {
		put_bits(out, mode, level, field, pte);
		return;
	}
	for (unsigned bit = field->lsb, next; bit < end; bit = next) {
		enum role role = role_of(mode, level, field, bit);
		struct pt_field part = *field;

		for (next = bit + 1; next < end && role_of(mode, level, field, next) == role; next++)
			;
		part.lsb = (uint8_t)bit;
		part.width = (uint8_t)(next - bit);
		if (role == ROLE_ENCRYPTED)
			part = (struct pt_field){ .name = "C-bit", .lsb = part.lsb, .width = 1,
			                          .when_set = "encrypted memory", .when_clear = "memory is not encrypted" };
		else if (role == ROLE_RESERVED)
			part.name = bit < mode->pa_bits ? "reserved" : "above the physical address";
		put_bits(out, mode, level, &part, pte);
	}
}

/* Prints set bits that belong to no field, from `bit` on; returns the first bit after them. */
static unsigned put_unnamed(struct out *out, const struct pt_mode *mode, unsigned level, unsigned forms, unsigned bit,
                            uint64_t rest)
{
	struct pt_field none = {
		.name = "no field", .lsb = (uint8_t)bit, .forms = (uint8_t)forms, .when_set = "ignored here",
	};

	while (bit < 64 && rest >> bit & 1)
		bit++;
	none.width = (uint8_t)(bit - none.lsb);
	put_field(out, mode, level, &none, PTE(rest));
	return bit;
}

/* Returns the field that begins at `bit` in an entry of this level and form. NULL: none. */
static const struct pt_field *field_from(const struct pt_format *f, unsigned level, unsigned form, unsigned bit)
{
	for (unsigned i = 0; i < f->field_count; i++)
		if (f->fields[i].lsb == bit && field_applies(&f->fields[i], level, form))
			return &f->fields[i];
	return NULL;
}

/* The software field that begins at bit, of an entry of these kinds (SOFT_IN_*). Returns its bits. */
static uint64_t put_soft_field(struct out *out, const struct pt_mode *mode, unsigned in, unsigned bit, pte_t pte)
{
	const struct pt_soft_layout *layout = mode->format->soft;

	for (unsigned i = 0; i < layout->count; i++) {
		const struct pt_soft_field *field = &layout->fields[i];
		struct pt_field shown = {
			.name = field->name, .lsb = field->lsb, .width = (uint8_t)pt_soft_width(mode, field),
		};

		if (field->lsb == bit && (field->kinds & in)) {
			put_field(out, mode, 0, &shown, pte);
			return field_mask(&shown);
		}
	}
	return 0;
}

/* Prints the fields by ascending bit, each set bit once. The format's table has the order of the letters instead. */
static void put_fields(struct out *out, const struct pt_mode *mode, unsigned level, pte_t pte)
{
	unsigned form = pt_form(mode, level, pte);
	uint64_t rest = pte.v;
	struct pt_soft soft = { .kind = SOFT_ZERO };

	if (form == PT_FORM_SOFT)
		pt_soft_decode(mode, pte, &soft);
	for (unsigned i = 0; i < mode->format->field_count; i++)
		if (field_applies(&mode->format->fields[i], level, form))
			rest &= ~field_mask(&mode->format->fields[i]);
	for (unsigned bit = 0; bit < 64; ) {
		const struct pt_field *field = field_from(mode->format, level, form, bit);

		if (field)
			put_field(out, mode, level, field, pte);
		else
			rest &= ~put_soft_field(out, mode, pt_soft_in(&soft), bit, pte);
		if (rest >> bit & 1)
			bit = put_unnamed(out, mode, level, form == PT_FORM_SOFT ? form : PT_FORM_TABLE | PT_FORM_LEAF, bit,
			                  rest);
		else
			bit++;
	}
}

/* Prints each set bit without which the entry would be valid. */
static void put_culprits(struct out *out, const struct pt_mode *mode, unsigned level, pte_t pte)
{
	const char *comma = "";

	out_printf(out, "  The CPU rejects this entry%s", pt_checked_at_load(mode, level) ? " when it loads the root" : "");
	for (unsigned bit = 64; bit-- > 0; ) {
		pte_t without = field_with_bit(pte, bit, false);
		enum pt_kind kind = mode->format->kind(mode, level, without);

		if (!(pte.v >> bit & 1) || (kind != PT_LEAF && kind != PT_TABLE))
			continue;
		out_printf(out, "%s%u", *comma ? comma : ": without bit ", bit);
		comma = " or ";
	}
	out_puts(out, *comma ? " it would be good.\n" : ": more than one bit that must be zero is set.\n");
}

static void put_soft(struct out *out, const struct target *t, pte_t pte)
{
	out_puts(out, "  The page is not present; software entry: ");
	windbg_soft_inline(out, t, pte);
	out_puts(out, ".\n");
}

static void put_memory(struct out *out, const struct pt_mode *mode, unsigned level, pte_t pte)
{
	const struct pt_format *f = mode->format;

	if (f->memory)
		out_printf(out, "  Memory type%s: %s.\n", f->memory_by ? f->memory_by(mode) : "", f->memory(mode, level, pte));
}

static void put_meaning(struct out *out, const struct target *t, unsigned level, pte_t pte, uint64_t va)
{
	struct pt_output target;

	switch (t->mode->format->kind(t->mode, level, pte)) {
	case PT_EMPTY:
		out_puts(out, "  All zero: nothing is mapped here.\n");
		return;
	case PT_SOFT:
		put_soft(out, t, pte);
		return;
	case PT_BAD:
		put_culprits(out, t->mode, level, pte);
		return;
	case PT_TABLE:
		target = pt_output(t->mode, level, pte, va);
		out_printf(out, "  The next table is at %llx.\n", (unsigned long long)target.pa.v);
		return;
	case PT_LEAF:
		target = pt_output(t->mode, level, pte, va);
		out_puts(out, "  A page of ");
		put_size(out, target.size);
		out_printf(out, " begins at %llx.\n", (unsigned long long)target.pa.v);
		put_memory(out, t->mode, level, pte);
	}
}

static void put_entry(struct out *out, const struct target *t, unsigned level, pte_t pte, uint64_t va)
{
	if (t->mode->format->kind(t->mode, level, pte) != PT_EMPTY)
		put_fields(out, t->mode, level, pte);
	put_meaning(out, t, level, pte, va);
}

void explain_entry(struct out *out, const struct target *t, unsigned level, pte_t pte)
{
	out_printf(out, "Entry %0*llx as a %s:\n", t->mode->format->entry_bytes * 2, (unsigned long long)pte.v,
	           t->mode->format->level[level].vendor);
	put_entry(out, t, level, pte, 0);
}

/* ---- addresses ---- */

static void put_index(struct out *out, const struct pt_mode *mode, unsigned level, uint64_t va)
{
	const struct pt_level *l = &mode->format->level[level];
	/* The root table can be smaller than the format's. */
	unsigned bits = level + 1u == mode->levels ? pt_mode_va_bits(mode) - l->shift : l->bits;
	unsigned index = level + 1u == mode->levels ? pt_root_index(mode, va) : pt_index(mode->format, level, va);

	begin_bits(out, l->shift, bits);
	put_binary(out, index, bits, false);
	out_pad_to(out, INDEX_COLUMN);
	out_printf(out, " %s index %x\n", l->vendor, index);
}

/* Prints the walk from the root to the page, or to the smallest page size where nothing is mapped. */
static void put_cut(struct out *out, const struct target *t, const struct pt_walk *w)
{
	const struct pt_mode *mode = target_mode_at(t, w->va);
	unsigned last = w->outcome == PT_LEAF ? w->last.level : 0;
	uint64_t size = w->outcome == PT_LEAF ? w->page.size : pt_level_size(mode->format, 0);
	unsigned bits = 0, top = pt_mode_va_bits(mode), va_bits = target_va_digits(t) * 4;

	while (1ull << bits < size)
		bits++;
	out_printf(out, "%s address %0*llx, in binary ", mode->format->isa->vtop.guest ? "Guest physical" : "Virtual",
	           (int)va_bits / 4, (unsigned long long)w->va);
	put_binary(out, w->va, va_bits, true);
	out_char(out, '\n');
	if (top < va_bits) {
		begin_bits(out, top, va_bits - top);
		put_binary(out, w->va >> top, va_bits - top, false);
		out_pad_to(out, INDEX_COLUMN);
		out_puts(out, w->va >> (va_bits - 1) ? " no index: all ones\n" : " no index: all zero\n");
	}
	for (unsigned level = mode->levels; level-- > last; )
		put_index(out, mode, level, w->va);
	begin_bits(out, 0, bits);
	put_binary(out, w->va, bits, false);
	out_pad_to(out, INDEX_COLUMN);
	out_printf(out, " offset %llx into the ", (unsigned long long)(w->va & (size - 1)));
	put_size(out, size);
	out_puts(out, " page\n");
}

static void put_step(struct out *out, const struct target *t, const struct pt_walk *w, unsigned i)
{
	const struct pt_step *step = &w->step[i];
	const struct pt_format *f = t->mode->format;
	uint64_t table = step->entry_pa.v - (uint64_t)step->index * f->entry_bytes;

	out_printf(out, "\n%s: %llx + %x * %x = %llx, contains ", f->level[step->level].vendor,
	           (unsigned long long)table, step->index, f->entry_bytes, (unsigned long long)step->entry_pa.v);
	if (w->err == ERR_IO && i == w->n - 1) {
		out_printf(out, "%.*s\n  There is no memory at this address.\n", f->entry_bytes * 2, "????????????????");
		return;
	}
	out_printf(out, "%0*llx\n", f->entry_bytes * 2, (unsigned long long)step->entry.v);
	put_entry(out, t, step->level, step->entry, w->va);
}

static const struct dump_format *bytes_format(void)
{
	const struct dump_format *f = dump_formats;

	while (f->name && strcmp(f->name, "db"))
		f++;
	return f;
}

/* Compares what the CPU reads at the address with the memory at the end of the walk. If the CPU has not loaded these tables,
 * there is no verdict: two software walks would always agree. */
static void put_verdict(struct out *out, const struct target *t, const struct pt_walk *w, const void *by_pa, size_t n)
{
	unsigned char by_cpu[DUMP_BYTES];

	if (!t->read_cpu || t->root.v != t->hw_root.v)
		out_puts(out, "Both were read by a software walk: the CPU has not loaded these tables.\n");
	else if (t->read_cpu(t->ctx, w->va, by_cpu, n) != OK)
		out_puts(out, "The CPU cannot read the address: predict shows the reason.\n");
	else
		out_puts(out, memcmp(by_cpu, by_pa, n) ? "The CPU reads something else: a stale TLB entry.\n" :
		              "The CPU reads the same at the virtual address.\n");
}

/* Dumps the memory by virtual and by physical address. */
static void put_dumps(struct out *out, const struct target *t, const struct pt_walk *w)
{
	uint64_t rest = w->page.size - (w->pa.v - w->page.pa.v), n = rest < DUMP_BYTES ? rest : DUMP_BYTES;
	unsigned char by_va[DUMP_BYTES], by_pa[DUMP_BYTES];
	struct target own = *t;
	bool read;

	/* Uses the tables that were explained, independent of .cache. */
	own.decode = DECODE_ALL;
	read = target_read_virt(&own, w->va, by_va, (size_t)n) == OK &&
	       t->read_phys && t->read_phys(t->ctx, w->pa, by_pa, (size_t)n) == OK;
	if (!read) {
		out_puts(out, "There is no memory at this address.\n");
		return;
	}
	out_printf(out, "db %llx L%llx\n", (unsigned long long)w->va, (unsigned long long)n);
	(void)dump_memory(out, &own, DUMP_VIRTUAL, bytes_format(), w->va, n);
	out_printf(out, "!db %llx L%llx\n", (unsigned long long)w->pa.v, (unsigned long long)n);
	(void)dump_memory(out, &own, DUMP_PHYSICAL, bytes_format(), w->pa.v, n);
	put_verdict(out, t, w, by_pa, (size_t)n);
}

bool explain_va(struct out *out, const struct target *t, uint64_t va)
{
	struct target half = target_half_at(t, va);
	struct pt_space space = target_space(t);
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk w;

	pt_walk(&space, va, &w, steps, ARRAY_LEN(steps));
	if (w.err == ERR_RANGE) {
		out_printf(out, "VA %llx is %s\n", (unsigned long long)va, target_no_address(t));
		return false;
	}
	picture_walk(out, &half, &w);
	put_cut(out, &half, &w);
	for (unsigned i = 0; i < w.n; i++)
		put_step(out, &half, &w, i);
	if (w.outcome != PT_LEAF) {
		out_puts(out, "\nThere is no physical address.\n");
		return false;
	}
	out_printf(out, "\nPhysical address: %llx + %llx = %llx\n", (unsigned long long)w.page.pa.v,
	           (unsigned long long)(w.pa.v - w.page.pa.v), (unsigned long long)w.pa.v);
	put_dumps(out, t, &w);
	return true;
}

/* ---- entry or address ---- */

/* True if the page that the entry maps can exist. */
static bool names_memory(const struct target *t, unsigned level, pte_t pte)
{
	paddr_t pa = pt_output(t->mode, level, pte, 0).pa;
	char byte;

	return !t->only_memory || t->read_phys(t->ctx, pa, &byte, 1) == OK;
}

/* Chooses the level of a literal entry: that of a large page if the value can be one (bit 7), else 0. */
static bool literal_level(const struct target *t, uint64_t value, unsigned *level)
{
	const struct pt_mode *mode = t->mode;
	struct pt_space space = target_space(t);
	struct pt_walk w;

	if (mode->format->entry_bytes == 4 && value >> 32)
		return false;
	pt_walk(&space, value, &w, NULL, 0);
	if (w.outcome == PT_LEAF)
		return false;
	*level = mode->format->kind(mode, 1, PTE(value)) == PT_LEAF;
	if (!names_memory(t, *level, PTE(value)))
		return false;
	/* A value with more bits than an address is an entry, even a bad one. A 64-bit address that is only non-canonical, or
	 * outside the tables' half, is not. */
	return (mode->format->va_bits <= 32 && value >> 32) || mode->format->kind(mode, *level, PTE(value)) == PT_LEAF;
}

static void explain_at(struct out *out, const struct target *t, uint64_t at, unsigned level, uint64_t va)
{
	const struct pt_format *f = t->mode->format;
	pte_t pte = PTE(0);
	err_t err = target_read_virt(t, ALIGN_DOWN(at, (uint64_t)f->entry_bytes), &pte.v, f->entry_bytes);

	out_printf(out, "%0*llx is the self-map address of the %s of VA %0*llx.\n", (int)target_va_digits(t),
	           (unsigned long long)at, f->level[level].vendor, (int)target_va_digits(t), (unsigned long long)va);
	if (err != OK)
		out_puts(out, "There is no table, so there is no entry.\n");
	else
		explain_entry(out, t, level, pte);
}

bool explain(struct out *out, const struct target *t, uint64_t value)
{
	unsigned level;
	uint64_t va;

	if (target_entry_at(t, value, &level, &va)) {
		explain_at(out, t, value, level, va);
		return true;
	}
	if (!literal_level(t, value, &level))
		return explain_va(out, t, value);
	explain_entry(out, t, level, PTE(value));
	return t->mode->format->kind(t->mode, level, PTE(value)) != PT_EMPTY;
}
