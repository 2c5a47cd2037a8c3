/* tools/walker/halves.c - ttbr1= and ttbcr=: two roots for one address space, on ARM.
 * SPDX-License-Identifier: MIT
 */
#include "tools/image/message.h"
#include "tools/walker/halves.h"

#include <stdio.h>

#include "inspect/refused.h"
#include "isa/isa.h"

bool halves_root(const struct pt_mode *mode, const char *setting, uint64_t value, paddr_t *root)
{
	char why[REFUSED_WHY];

	if (root_or_why(mode, value, root, why))
		return true;
	message("%s=%llx: %s\n", setting, (unsigned long long)value, why);
	return false;
}

/* The modes of the two halves, by the control register; upper=1 means that root= is TTBR1's. */
static bool divide(struct halves *h, struct pt_mode *mode)
{
	const struct isa *isa = mode->format->isa;
	struct pt_mode half[2];
	err_t err = isa->divide ? isa->divide(mode, h->ttbcr, half) : ERR_UNSUPPORTED;

	if (err != OK) {
		message("ttbcr=%llx: %s\n", (unsigned long long)h->ttbcr, !isa->divide ? "this format has one root" :
		        err == ERR_INVALID ? "not a value of this format's register" :
		        "a half that is switched off, or another granule, is not supported");
		return false;
	}
	h->mode = half[1];
	h->only_upper = !half[0].levels && !mode->upper;
	/* TTBR1 would translate TTBR0's addresses, which fault. */
	if (h->only_upper && half[1].levels && !half[1].upper) {
		message("ttbcr=%llx: TTBR0's half is switched off, and T1SZ is 0: not supported\n",
		        (unsigned long long)h->ttbcr);
		return false;
	}
	*mode = half[h->only_upper || mode->upper];
	if (!mode->levels)
		message("ttbcr=%llx: the half of this root is switched off\n", (unsigned long long)h->ttbcr);
	return mode->levels;
}

bool halves_set(struct halves *h, struct pt_mode *mode, struct target *t)
{
	if (h->ttbcr_given && !divide(h, mode))
		return false;
	if (h->only_upper) {
		if (!h->ttbr1_given)
			message("ttbcr=%llx: TTBR0's half is switched off, and there is no ttbr1=\n",
			        (unsigned long long)h->ttbcr);
		return h->ttbr1_given;
	}
	if (h->ttbr1_given && (!h->ttbcr_given || mode->upper)) {
		message("ttbr1=: ttbcr= says which addresses are translated through it, and upper=1 is for one root\n");
		return false;
	}
	/* EPD1: TTBR1 translates nothing. */
	if (h->ttbcr_given && !h->mode.levels)
		return true;
	/* TTBCR.N or T0SZ and T1SZ zero: TTBR1 is not used. */
	if (!h->ttbr1_given || (pt_mode_va_mask(mode) == pt_mode_va_mask(&h->mode) && !h->mode.upper))
		return true;
	h->tree.mode = &h->mode;
	t->upper = &h->tree;
	return halves_root(&h->mode, "ttbr1", h->ttbr1, &h->tree.root);
}
