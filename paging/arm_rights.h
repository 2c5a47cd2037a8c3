/* paging/arm_rights.h - the access permissions of ARM's short descriptors, without the bits of an entry; for
 * fmt_armv7_short.c alone.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.7: AP[2:0] as one number, XN, PXN, and the domain, whose access is two bits of DACR.
 */
#pragma once
#include "paging/format.h"

/* AP[2] forbids writing, AP[1] permits user mode. AP[0] is the access flag with SCTLR.AFE on, and must be one with it off: 4 is
 * reserved, 0 forbids everything, and 2 (the kernel may write, user mode read) is shown as read-only, because PROT_* cannot
 * express it. */
enum { ARM_AP_CHECKED = 1, ARM_AP_USER = 2, ARM_AP_RO = 4 };

/* Tables B3-6 and B3-8. A writable page counts as dirty. */
PT_INLINE prot_t arm_ap_rights(const struct pt_mode *mode, unsigned ap)
{
	enum { RW = PROT_R | PROT_W | PROT_DIRTY };
	static const prot_t simple[] = { RW, RW | PROT_U, PROT_R, PROT_R | PROT_U };
	static const prot_t full[] = { 0, RW, PROT_R | PROT_U, RW | PROT_U, 0, PROT_R, PROT_R | PROT_U, PROT_R | PROT_U };

	if (mode->afe)
		return simple[ap >> 1] | (ap & ARM_AP_CHECKED ? PROT_ACCESSED : 0);
	return full[ap] | PROT_ACCESSED;
}

/* The inverse. */
PT_INLINE unsigned arm_ap_for(const struct pt_mode *mode, prot_t prot)
{
	return (!mode->afe || (prot & PROT_ACCESSED) ? ARM_AP_CHECKED : 0) | (prot & PROT_U ? ARM_AP_USER : 0) |
	       (prot & PROT_W ? 0 : ARM_AP_RO);
}

/* Adds X to the rights by AP: both modes may execute what they may read, user mode also with PXN. */
PT_INLINE prot_t arm_add_execute(prot_t prot, bool xn, bool pxn)
{
	if (xn)
		return prot | PROT_NO_USER_X | PROT_NO_KERNEL_X;
	if (pxn)
		return prot | PROT_NO_KERNEL_X | (prot & PROT_U ? PROT_X : 0);
	return prot & PROT_R ? prot | PROT_X : prot;
}

/* Access of a domain: no access, client, reserved (no access), manager (unchecked). B3.7.3. */
PT_INLINE prot_t arm_domain_rights(const struct pt_mode *mode, unsigned domain)
{
	static const prot_t rights[] = { 0, PROT_RIGHTS, 0, PROT_RIGHTS | PROT_UNCHECKED };

	return rights[mode->dacr >> 2 * domain & 3];
}

/* A leaf's rights, limited by its domain's. */
PT_INLINE prot_t arm_limit_by_domain(prot_t leaf, prot_t domain)
{
	if (domain & PROT_UNCHECKED)
		return (leaf & ~(prot_t)PROT_BELOW) | PROT_RIGHTS;
	return domain ? leaf : leaf & ~(prot_t)(PROT_RIGHTS | PROT_BELOW);
}

/* The access of a domain in words. */
const char *arm_domain_words(const struct pt_mode *mode, uint64_t domain);
