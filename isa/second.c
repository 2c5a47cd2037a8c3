/* isa/second.c - which second stage a guest of a CPU family has, by its root register.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3C 25.6.11 (EPTP), AMD APM vol. 2 15.25.3 (nCR3), DDI 0487 D19.2.158 (VTCR_EL2), RISC-V Privileged Architecture
 * 8.2.10 (hgatp).
 */
#include "isa/second.h"
#include "isa/arm.h"
#include "isa/riscv.h"

#define EPTP_LENGTH(eptp) ((eptp) >> 3 & 7)
#define EPTP_AD           (1ull << 6)
#define PPN_BITS          44
#define PPN_BITS_32       22

/* EPTP has the number of levels less one in bits 5:3, and at least a page's alignment; nCR3 has zero there. */
static const struct pt_format *of_x86(const struct isa_second *q, uint64_t *root)
{
	static const struct pt_format *const by_length[8] = { [3] = &pt_ept, [4] = &pt_ept5 };
	const struct pt_format *ept = by_length[EPTP_LENGTH(*root)];

	(void)q;
	return ept ? ept : &pt_npt;
}

static const struct pt_format *of_arm(const struct isa_second *q, uint64_t *root)
{
	(void)q;
	(void)root;
	return &pt_s2_a64;
}

/* The mode of hgatp; an address has zero there. */
static const struct pt_format *of_riscv32(const struct isa_second *q, uint64_t *root)
{
	(void)q;
	if (*root >> 31 == 1)
		*root = (*root & ((1ull << PPN_BITS_32) - 1)) << PAGE_SHIFT;
	return &pt_sv32x4;
}

/* Without a mode: as many levels as the guest's tables have. */
static const struct pt_format *of_riscv64(const struct isa_second *q, uint64_t *root)
{
	static const struct pt_format *const by_mode[16] = { [8] = &pt_sv39x4, [9] = &pt_sv48x4, [10] = &pt_sv57x4 };
	const struct pt_format *f = by_mode[*root >> 60];

	if (f) {
		*root = (*root & ((1ull << PPN_BITS) - 1)) << PAGE_SHIFT;
		return f;
	}
	for (unsigned i = 8; i < 10; i++)
		if (by_mode[i]->levels == q->first->levels)
			return by_mode[i];
	return &pt_sv57x4;
}

typedef const struct pt_format *(*second_fn)(const struct isa_second *q, uint64_t *root);
static const struct { const struct isa *family; second_fn format; } rows[] = {
	{ &isa_x86, of_x86 }, { &isa_x86_pae, of_x86 }, { &isa_x86_64, of_x86 }, { &isa_arm_short, of_arm },
	{ &isa_arm_lpae, of_arm }, { &isa_arm64, of_arm }, { &isa_riscv32, of_riscv32 }, { &isa_riscv64, of_riscv64 },
};

err_t isa_second_format(const struct isa_second *q, const struct pt_format **format, uint64_t *root)
{
	*root = q->root;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		const struct pt_format *by_root;

		if (rows[i].family != q->first->isa)
			continue;
		by_root = rows[i].format(q, root);
		*format = q->format ? q->format : by_root;
		return OK;
	}
	*format = q->format;
	return q->format ? OK : ERR_UNSUPPORTED;
}

/* Without bit 6 of EPTP, A and D do not count. A root that is only an address does not say. */
static err_t mode_of_ept(const struct isa_second *q, struct pt_mode *mode)
{
	if (EPTP_LENGTH(q->root) >= 3)
		mode->hw_accessed = mode->hw_dirty = q->root & EPTP_AD;
	return OK;
}

static err_t mode_of_s2_a64(const struct isa_second *q, struct pt_mode *mode)
{
	return q->has_control ? arm64_stage2(q->control, mode) : OK;
}

typedef err_t (*second_mode_fn)(const struct isa_second *q, struct pt_mode *mode);
static const struct { const struct isa *family; second_mode_fn mode; } second_modes[] = {
	{ &isa_ept, mode_of_ept }, { &isa_arm64_s2, mode_of_s2_a64 },
};

/* Other second stages have no register beside the root. */
err_t isa_second_mode(const struct isa_second *q, struct pt_mode *mode)
{
	for (unsigned i = 0; i < ARRAY_LEN(second_modes); i++)
		if (second_modes[i].family == mode->format->isa)
			return second_modes[i].mode(q, mode);
	return OK;
}
