/* paging/formats.c - the list of formats, and the arithmetic that follows from any descriptor.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "paging/format.h"
#include "paging/pieces.h"

const struct pt_format *const pt_formats[] = {
	&pt_legacy, &pt_pae, &pt_x64, &pt_la57, &pt_short, &pt_lpae, &pt_a64,
	&pt_a64_16k, &pt_a64_64k, &pt_a64_lpa2, &pt_a64_16k_lpa2, &pt_sv32, &pt_sv39, &pt_sv48, &pt_sv57,
	&pt_npt, &pt_npt5, &pt_ept, &pt_ept5, &pt_sv32x4, &pt_sv39x4, &pt_sv48x4, &pt_sv57x4,
	&pt_s2_a64, &pt_s2_a64_16k, &pt_s2_a64_64k, &pt_s2_a64_lpa2, &pt_s2_a64_16k_lpa2, NULL,
};

const struct pt_format *pt_format_by_name(const char *name)
{
	for (const struct pt_format *const *f = pt_formats; *f; f++)
		if (!strcmp((*f)->name, name))
			return *f;
	return NULL;
}

/* Attribute bits (CR3: PCID, PWT, PCD; TTBR: ASID, cacheability) and the encryption bit are
 * removed. Any other bit that the CPU would ignore or fault on is an error: ERR_RANGE above the
 * physical address, ERR_INVALID below the alignment of the root table. */
err_t pt_root_of(const struct pt_mode *mode, uint64_t value, paddr_t *root)
{
	const struct pt_format *f = mode->format;
	unsigned bits = f->root_bits < mode->pa_bits ? f->root_bits : mode->pa_bits;
	uint64_t address = value & ~f->root_attributes & ~mode->encrypted;

	if (f->root_pieces && mode->pa_bits > f->plain_bits)
		address = (address & ~pt_scatter(f->root_pieces, ~(uint64_t)0)) | pt_gather(f->root_pieces, value);
	if (address >> bits)
		return ERR_RANGE;
	if (!IS_ALIGNED(address, (uint64_t)pt_root_bytes(mode)))
		return ERR_INVALID;
	*root = PADDR(address);
	return OK;
}

/* Extends the VA bits of `va` to an address: with the sign (x86_64), with ones in the upper half
 * (TTBR1), or with zeroes. */
uint64_t pt_va_canonical(const struct pt_mode *mode, uint64_t va)
{
	uint64_t mask = pt_mode_va_mask(mode);
	bool high = va & (mask ^ mask >> 1);

	va &= mask;
	if (high && (mode->format->caps & PT_SIGN_EXTEND))
		return va | ~mask;
	if (mode->upper)
		return va | (mode->format->va_bits <= 32 ? (uint32_t)~mask : ~mask);
	return va;
}

bool pt_va_valid(const struct pt_mode *mode, uint64_t va)
{
	unsigned bits = pt_mode_va_bits(mode);
	uint64_t top = va >> (bits - 1);

	/* Called for every fault on a kernel address, so the mask is not computed. */
	if (mode->format->caps & PT_SIGN_EXTEND)
		return top == 0 || top == ~(uint64_t)0 >> (bits - 1);
	return mode->upper ? pt_va_canonical(mode, va) == va : top <= 1;
}

uint64_t pt_selfmap_entry(const struct pt_mode *mode, uint64_t base, uint64_t va, unsigned level)
{
	const struct pt_format *f = mode->format;

	/* One step for the leaf entry, and one more for each level above it (docs/formats.md, section 4). */
	for (unsigned l = 0; l <= level; l++)
		va = base + ((va & pt_mode_va_mask(mode)) >> PAGE_SHIFT) * f->entry_bytes;
	return pt_va_canonical(mode, va);
}

prot_t pt_combine(prot_t above, prot_t own)
{
	prot_t below = (above | own) & PROT_BELOW, rights = own & PROT_RIGHTS;

	/* With UXN and PXN, X is computed at the end: a higher level may have removed U. */
	if (own & (PROT_NO_USER_X | PROT_NO_KERNEL_X))
		rights |= PROT_X;
	if (above & PROT_UNCHECKED) {
		rights = PROT_RIGHTS;
		below = PROT_UNCHECKED;
	}
	return (own & ~(prot_t)(PROT_RIGHTS | PROT_BELOW)) | (rights & above) | below;
}

prot_t pt_final_prot(prot_t prot)
{
	prot_t ban = prot & PROT_U ? PROT_NO_USER_X : PROT_NO_KERNEL_X;

	if (prot & PROT_GLOBAL_BELOW)
		prot |= PROT_GLOBAL;
	return prot & ~(prot_t)(PROT_BELOW | (prot & ban ? PROT_X : 0));
}

unsigned pt_form(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	const struct pt_format *f = mode->format;
	pte_t attributes = PTE(pte.v & PAGE_MASK);

	switch (f->kind(mode, level, pte)) {
	case PT_TABLE:
		return PT_FORM_TABLE;
	case PT_SOFT:
		return PT_FORM_SOFT;
	case PT_LEAF:
		if ((f->caps & PT_REPEATS) && f->output(mode, level, pte, 0).size > pt_level_size(f, level))
			return PT_FORM_REPEATED;
		return PT_FORM_LEAF;
	default:
		/* No address says what kind of entry it stands in. */
		if (!f->level[level].leaf)
			return PT_FORM_TABLE;
		return f->kind(mode, level, attributes) == PT_TABLE ? PT_FORM_TABLE : PT_FORM_LEAF;
	}
}

#define MAX_LETTERS 32

/* Sets `text` to the letters of a leaf with these rights and the attributes of the original. False: the format cannot make one. */
static bool letters_of_rights(const struct pt_mode *mode, unsigned level, prot_t rights, prot_t attributes, char *text)
{
	pte_t pte;

	if (mode->format->make_leaf(mode, level, PADDR(0), rights | attributes, &pte) != OK)
		return false;
	pt_letters(mode, level, pte, text, MAX_LETTERS);
	return true;
}

/* Works for every format, without knowledge of its bits: a column is one of rights if it differs between a leaf with the entry's
 * own rights and one with the effective rights. */
void pt_effective_letters(const struct pt_mode *mode, unsigned level, pte_t pte, prot_t prot, char *text, size_t size)
{
	const struct pt_format *f = mode->format;
	prot_t own = pt_final_prot(f->prot(mode, level, pte)), attributes = (own & PROT_GLOBAL) | PROT_ACCESSED;
	char before[MAX_LETTERS], after[MAX_LETTERS];

	pt_letters(mode, level, pte, text, size);
	if (size <= f->letters || !((own ^ prot) & PROT_RIGHTS))
		return;
	if (!letters_of_rights(mode, level, own & PROT_RIGHTS, attributes, before) ||
	    !letters_of_rights(mode, level, prot & PROT_RIGHTS, attributes, after))
		return;
	for (unsigned i = 0; i < f->letters; i++)
		if (before[i] != after[i])
			text[i] = after[i];
}

void pt_letters(const struct pt_mode *mode, unsigned level, pte_t pte, char *text, size_t size)
{
	const struct pt_format *f = mode->format;
	unsigned form = pt_form(mode, level, pte);

	if (size <= f->letters)
		return;
	/* A not-present entry is shown as if its valid bit were set, so that the letters keep their columns. */
	if (form == PT_FORM_SOFT)
		form = PT_FORM_LEAF;
	memset(text, '-', f->letters);
	text[f->letters] = 0;
	for (unsigned i = 0; i < f->field_count; i++) {
		const struct pt_field *d = &f->fields[i];
		uint64_t mask = ((uint64_t)1 << d->width) - 1;
		char letter = pte.v >> d->lsb & mask ? d->set : d->clear;

		if (d->column && letter && (d->levels >> level & 1) && (d->forms & form))
			text[d->column - 1] = letter;
	}
}
