/* isa/arm_divide.c - how ARM divides addresses between TTBR0 and TTBR1.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B4.1.153 (TTBCR), B3.5.4 (N) and B3.6.4 to B3.6.6 (T0SZ, T1SZ); DDI 0487 D19.2.139 (TCR_EL1), D19.2.158
 * (VTCR_EL2), D8.2.2 (start level and concatenated tables of the second stage).
 */
#include "isa/arm.h"

#define EAE      (1ull << 31)
#define PD0      (1ull << 4)
#define PD1      (1ull << 5)
#define EPD0     (1ull << 7)
#define EPD1     (1ull << 23)
#define T1_SHIFT 16
#define HA       (1ull << 39)
#define TG0(tcr) ((tcr) >> 14 & 3)
#define TG1(tcr) ((tcr) >> 30 & 3)
#define IPS(tcr) ((tcr) >> 32 & 7)
#define DS       (1ull << 59)
#define VTCR_PS(vtcr)  ((vtcr) >> 16 & 7)
#define VTCR_SL0(vtcr) ((vtcr) >> 6 & 3)
#define VTCR_HA  (1ull << 21)
#define VTCR_DS  (1ull << 32)
#define VTCR_SL2 (1ull << 33)

/* N limits TTBR0 to addresses whose top N bits are zero; TTBR1's table always has its full size. */
err_t arm_divide_short(const struct pt_mode *mode, uint64_t ttbcr, struct pt_mode half[2])
{
	if (ttbcr & EAE)
		return ERR_INVALID;
	if (ttbcr & (PD0 | PD1))
		return ERR_UNSUPPORTED;
	half[0] = half[1] = *mode;
	half[0].va_bits = (uint8_t)(32 - (ttbcr & 7));
	half[1].va_bits = 32;
	return OK;
}

/* A region of `va_bits`: the walk begins at the lowest level that translates that many bits. */
static void set_region(struct pt_mode *mode, unsigned va_bits, bool upper)
{
	pt_mode_set_va_bits(mode, va_bits);
	mode->upper = upper;
}

/* EPDn: a TLB miss in this half is a translation fault. */
static void switch_off(struct pt_mode half[2], uint64_t control)
{
	if (control & EPD0)
		half[0].levels = 0;
	if (control & EPD1)
		half[1].levels = 0;
}

err_t arm_divide_lpae(const struct pt_mode *mode, uint64_t ttbcr, struct pt_mode half[2])
{
	unsigned t0sz = ttbcr & 7, t1sz = ttbcr >> T1_SHIFT & 7;

	if (!(ttbcr & EAE))
		return ERR_INVALID;
	half[0] = half[1] = *mode;
	set_region(&half[0], 32 - t0sz, false);
	set_region(&half[1], 32 - t1sz, t1sz > 0);
	switch_off(half, ttbcr);
	return OK;
}

/* ---- AArch64 ---- */

enum granule { GRANULE_4K, GRANULE_16K, GRANULE_64K, GRANULES };

/* [granule][DS]: the formats of each stage. DS does not change a granule of 64 KiB. */
static const struct pt_format *const stage1[GRANULES][2] = {
	{ &pt_a64, &pt_a64_lpa2 }, { &pt_a64_16k, &pt_a64_16k_lpa2 }, { &pt_a64_64k, &pt_a64_64k },
};
static const struct pt_format *const stage2[GRANULES][2] = {
	{ &pt_s2_a64, &pt_s2_a64_lpa2 }, { &pt_s2_a64_16k, &pt_s2_a64_16k_lpa2 }, { &pt_s2_a64_64k, &pt_s2_a64_64k },
};
/* By TG0, which VTCR has too, and by TG1; GRANULES: reserved. */
static const uint8_t by_tg0[] = { GRANULE_4K, GRANULE_64K, GRANULE_16K, GRANULES };
static const uint8_t by_tg1[] = { GRANULES, GRANULE_16K, GRANULE_4K, GRANULE_64K };

/* Address bits by IPS or PS. */
static unsigned size_of_ps(uint64_t ps)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };

	return bits[ps];
}

/* The physical address has the bits of PS, of the CPU and of the format, the fewest of them. A mode that has all bits of its
 * format says nothing about the CPU. */
static void set_format(struct pt_mode *mode, const struct pt_format *f, uint64_t ps)
{
	unsigned bits = size_of_ps(ps), limit = mode->pa_bits < mode->format->pa_bits ? mode->pa_bits : f->pa_bits;

	mode->format = f;
	mode->pa_bits = (uint8_t)(bits < limit ? bits : limit);
}

/* One half. 64 KiB may translate 52 bits without DS; the smallest regions are those of FEAT_TTST (D8.2.6). */
static err_t set_half(struct pt_mode *mode, unsigned granule, uint64_t tcr, unsigned tsz, bool upper)
{
	bool ds = tcr & DS;

	if (granule >= GRANULES)
		return ERR_INVALID;
	if (tsz < (ds || granule == GRANULE_64K ? 12 : 16) || tsz > (granule == GRANULE_64K ? 47 : 48))
		return ERR_INVALID;
	set_format(mode, stage1[granule][ds], IPS(tcr));
	mode->hw_accessed = tcr & HA;
	set_region(mode, 64 - tsz, upper);
	return OK;
}

const struct pt_format *arm64_format(uint64_t tcr)
{
	unsigned granule = tcr & EPD0 ? by_tg1[TG1(tcr)] : by_tg0[TG0(tcr)];

	return granule < GRANULES ? stage1[granule][(tcr & DS) != 0] : NULL;
}

err_t arm64_divide(const struct pt_mode *mode, uint64_t tcr, struct pt_mode half[2])
{
	err_t err = OK;

	half[0] = half[1] = *mode;
	/* A half that is switched off may have any values. */
	if (!(tcr & EPD0))
		err = set_half(&half[0], by_tg0[TG0(tcr)], tcr, tcr & 0x3F, false);
	if (err == OK && !(tcr & EPD1))
		err = set_half(&half[1], by_tg1[TG1(tcr)], tcr, tcr >> T1_SHIFT & 0x3F, true);
	switch_off(half, tcr);
	return err;
}

/* The level here of the walk's first table, from SL0 and SL2: with 4 KiB 0 is manual level 2, 1 level 1, 2 level 0, 3 level 3;
 * with the others manual level 3, 2, 1, 0. */
static unsigned start_level(unsigned granule, uint64_t vtcr)
{
	static const uint8_t first_4k[] = { 1, 2, 3, 0 };

	if (granule != GRANULE_4K)
		return VTCR_SL0(vtcr);
	return vtcr & VTCR_DS && vtcr & VTCR_SL2 && !VTCR_SL0(vtcr) ? 4 : first_4k[VTCR_SL0(vtcr)];
}

err_t arm64_stage2(uint64_t vtcr, struct pt_mode *mode)
{
	unsigned granule = by_tg0[TG0(vtcr)], top, bits = 64 - (vtcr & 0x3F);
	const struct pt_format *f;

	if (granule >= GRANULES)
		return ERR_INVALID;
	f = stage2[granule][(vtcr & VTCR_DS) != 0];
	top = start_level(granule, vtcr);
	/* No more than sixteen tables of full size. */
	if (top >= f->levels || bits > f->va_bits || bits <= f->level[top].shift ||
	    bits > f->level[top].shift + (f->level[0].shift - 3u) + 4)
		return ERR_INVALID;
	set_format(mode, f, VTCR_PS(vtcr));
	mode->hw_accessed = vtcr & VTCR_HA;
	mode->levels = (uint8_t)(top + 1);
	mode->va_bits = (uint8_t)bits;
	return OK;
}
