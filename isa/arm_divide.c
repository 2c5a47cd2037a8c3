/* isa/arm_divide.c - how ARM divides addresses between TTBR0 and TTBR1.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B4.1.153 (TTBCR), B3.5.4 (N) and B3.6.4 to B3.6.6 (T0SZ, T1SZ); DDI 0487 D19.2.139 (TCR_EL1).
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
#define TG0_4KIB 0
#define TG1_4KIB 2

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
	const struct pt_format *f = mode->format;

	mode->va_bits = (uint8_t)va_bits;
	mode->upper = upper;
	mode->levels = f->levels;
	while (mode->levels > 1 && va_bits <= f->level[mode->levels - 1].shift)
		mode->levels--;
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

err_t arm64_divide(const struct pt_mode *mode, uint64_t tcr, struct pt_mode half[2])
{
	unsigned t0sz = tcr & 0x3F, t1sz = tcr >> T1_SHIFT & 0x3F;

	/* 4 KiB granule: 16 to 39 (D8.2.6). */
	if (t0sz < 16 || t0sz > 39 || t1sz < 16 || t1sz > 39)
		return ERR_INVALID;
	if (TG0(tcr) != TG0_4KIB || TG1(tcr) != TG1_4KIB)
		return ERR_UNSUPPORTED;
	half[0] = half[1] = *mode;
	half[0].hw_accessed = half[1].hw_accessed = tcr & HA;
	set_region(&half[0], 64 - t0sz, false);
	set_region(&half[1], 64 - t1sz, true);
	switch_off(half, tcr);
	return OK;
}
