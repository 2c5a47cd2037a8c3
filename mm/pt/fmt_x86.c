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
	/* Written out: every page that is mapped passes here. G with CR4.PGE off is ignored by the CPU; it is left out so
	 * that `pte` shows what holds. */
	return X86_P | (prot & PROT_W ? X86_W : 0) | (prot & PROT_U ? X86_U : 0) |
	       ((prot & PROT_GLOBAL) && mode->pge ? X86_G : 0) | (prot & PROT_COW ? X86_COW : 0) |
	       (prot & PROT_ACCESSED ? X86_A : 0) | (prot & PROT_DIRTY ? X86_D : 0) |
	       (prot & CACHE_WT ? X86_PWT : 0) | (prot & CACHE_UC_MINUS ? X86_PCD : 0);
}
