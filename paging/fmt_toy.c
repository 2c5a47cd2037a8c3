/* paging/fmt_toy.c - a format for paper: 15-bit addresses, pages of 32 bytes, two levels, entries of one byte.
 * SPDX-License-Identifier: MIT
 *
 * Bit 7 of an entry says that it is valid; bits 6:0 are a page number. A table has 32 entries and fills one page. No CPU has this
 * format: a lesson uses it, because all tables fit on one screen. It is in no list of formats, has no software entries, and only
 * the walker uses it.
 */
#include "paging/toy.h"

#define VALID  0x80u
#define NUMBER 0x7Fu

pte_t toy_entry(unsigned page, bool valid)
{
	return PTE((page & NUMBER) | (valid ? VALID : 0));
}

unsigned toy_number(pte_t pte)
{
	return (unsigned)(pte.v & NUMBER);
}

bool toy_valid(pte_t pte)
{
	return pte.v & VALID;
}

static enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	if (!(pte.v & VALID))
		return pte.v ? PT_SOFT : PT_EMPTY;
	return level ? PT_TABLE : PT_LEAF;
}

static struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	(void)mode;
	(void)level;
	(void)va;
	return (struct pt_output){ PADDR((pte.v & NUMBER) << TOY_SHIFT), TOY_PAGE };
}

static prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	(void)level;
	(void)pte;
	return PROT_RIGHTS;
}

const struct pt_format pt_toy = {
	.name = "toy", .title = "two levels of 8-bit entries, pages of 32 bytes", .entry_bytes = 1, .levels = 2, .va_bits = 15,
	.pa_bits = 12, .root_bits = 12,
	.level = { { 5, 5, true, "PTE", "PTE", "pte" }, { 10, 5, false, "PDE", "PDE", "pgd" } },
	.kind = kind, .output = output, .prot = prot,
};
