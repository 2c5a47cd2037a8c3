/* mm/pt/fmt_x86.c - what 32-bit and 64-bit x86 entries have in common.
 * SPDX-License-Identifier: MIT
 */
#include "mm/pt/fmt_x86.h"

prot_t x86_attributes(pte_t pte, bool leaf)
{
	uint32_t v = (uint32_t)pte.v;
	prot_t prot = PROT_R | (v & X86_W ? PROT_W : 0) | (v & X86_U ? PROT_U : 0) | (v & X86_COW ? PROT_COW : 0) |
	              (v & X86_A ? PROT_ACCESSED : 0) | (v & X86_PWT ? CACHE_WT : 0) |
	              (v & X86_PCD ? CACHE_UC_MINUS : 0);

	return leaf ? prot | (v & X86_G ? PROT_GLOBAL : 0) | (v & X86_D ? PROT_DIRTY : 0) : prot;
}

uint64_t x86_leaf_bits(const struct pt_mode *mode, prot_t prot)
{
	/* Written out: every page that is mapped passes here. G with CR4.PGE off is ignored by the CPU; it is left out
	 * so that `pte` shows what holds. */
	return X86_P | (prot & PROT_W ? X86_W : 0) | (prot & PROT_U ? X86_U : 0) |
	       ((prot & PROT_GLOBAL) && mode->pge ? X86_G : 0) | (prot & PROT_COW ? X86_COW : 0) |
	       (prot & PROT_ACCESSED ? X86_A : 0) | (prot & PROT_DIRTY ? X86_D : 0) |
	       (prot & CACHE_WT ? X86_PWT : 0) | (prot & CACHE_UC_MINUS ? X86_PCD : 0);
}
