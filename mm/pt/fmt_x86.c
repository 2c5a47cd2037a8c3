/* mm/pt/fmt_x86.c - what 32-bit and 64-bit x86 entries have in common.
 * SPDX-License-Identifier: MIT
 */
#include "mm/pt/fmt_x86.h"

static const struct { uint64_t bit; prot_t prot; bool leaf_only; } attributes[] = {
	{ X86_W, PROT_W, false },
	{ X86_U, PROT_U, false },
	{ X86_G, PROT_GLOBAL, true },
	{ X86_COW, PROT_COW, false },
	{ X86_A, PROT_ACCESSED, false },
	{ X86_D, PROT_DIRTY, true },
	{ X86_PWT, CACHE_WT, false },
	{ X86_PCD, CACHE_UC_MINUS, false },
};

prot_t x86_attributes(pte_t pte, bool leaf)
{
	prot_t prot = PROT_R;

	for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
		if ((pte.v & attributes[i].bit) && (leaf || !attributes[i].leaf_only))
			prot |= attributes[i].prot;
	return prot;
}

uint64_t x86_leaf_bits(const struct pt_mode *mode, prot_t prot)
{
	uint64_t bits = X86_P;

	/* G with CR4.PGE off is ignored by the CPU; it is left out so that `pte` shows what holds. */
	if (!mode->pge)
		prot &= ~(prot_t)PROT_GLOBAL;
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
		if (prot & attributes[i].prot)
			bits |= attributes[i].bit;
	return bits;
}

void x86_soft_decode(pte_t pte, unsigned offset_shift, struct pt_soft *out)
{
	uint64_t high = pte.v >> offset_shift;

	*out = (struct pt_soft){ .protect = (pte.v >> X86_PROTECT_SHIFT) & X86_PROTECT_MASK };
	if (pte.v == 0) {
		out->kind = SOFT_ZERO;
	} else if (pte.v & X86_PROTO) {
		out->kind = SOFT_PROTOTYPE;
		out->proto = high;
		out->vad = high == (offset_shift == 32 ? 0xFFFFFFFFu : 0xFFFFFu);
	} else if (pte.v & X86_TRANS) {
		out->kind = SOFT_TRANSITION;
		out->pfn = PFN((pte.v & ~X86_NX) >> PAGE_SHIFT);
	} else if (high) {
		out->kind = SOFT_PAGEFILE;
		out->file = (pte.v >> X86_FILE_SHIFT) & X86_FILE_MASK;
		out->offset = high;
	} else {
		out->kind = SOFT_DEMAND_ZERO;
	}
}

err_t x86_soft_encode(const struct pt_soft *soft, unsigned offset_shift, pte_t *out)
{
	uint64_t room = offset_shift == 32 ? 0xFFFFFFFFu : 0xFFFFFu;
	uint64_t v = (uint64_t)(soft->protect & X86_PROTECT_MASK) << X86_PROTECT_SHIFT;

	switch (soft->kind) {
	case SOFT_ZERO:
	case SOFT_DEMAND_ZERO:
		break;
	case SOFT_PROTOTYPE:
		v |= X86_PROTO | (soft->vad ? room : soft->proto) << offset_shift;
		break;
	case SOFT_TRANSITION:
		v |= X86_TRANS | soft->pfn.v << PAGE_SHIFT;
		break;
	case SOFT_PAGEFILE:
		/* Offset 0 is the page file's header: as an entry it would read as demand-zero. */
		if (soft->offset == 0 || soft->offset > room || soft->file > X86_FILE_MASK)
			return ERR_RANGE;
		v |= (uint64_t)soft->file << X86_FILE_SHIFT | soft->offset << offset_shift;
		break;
	}
	*out = PTE(v);
	return OK;
}
