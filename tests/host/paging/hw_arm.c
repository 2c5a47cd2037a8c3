/* tests/host/paging/hw_arm.c - the page walks of DDI 0406C B3.5 and B3.6 and of DDI 0487 D8, as text turned into code.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/paging/hw.h"

static uint64_t bits(uint64_t v, unsigned high, unsigned low)
{
	return v >> low & ((2ull << (high - low)) - 1);
}

static bool bit(uint64_t v, unsigned n)
{
	return v >> n & 1;
}

static bool fetch(hw_read_fn read, void *ctx, uint64_t pa, unsigned bytes, struct hw_page *page)
{
	unsigned i = page->entries++;

	page->entry_pa[i] = pa;
	page->end = HW_BUS;
	return read(ctx, pa, bytes, &page->entry[i]);
}

static void may(struct hw_page *page, int who, bool r, bool w, bool x)
{
	page->may[who][HW_READ] = r;
	page->may[who][HW_WRITE] = w;
	page->may[who][HW_FETCH] = x;
}

/* Table B3-10, SCTLR.TRE off; B3.8.3 with it on. */
static enum hw_cache tex_c_b(const struct hw_cpu *cpu, unsigned tex, bool c, bool b)
{
	static const enum hw_cache inner[] = { HW_UC_MINUS, HW_WB, HW_WT, HW_WB };
	unsigned n = (tex & 1) * 4 + c * 2u + b;

	if (cpu->tre)
		return bits(cpu->prrr, 2 * n + 1, 2 * n) == 2 ? inner[bits(cpu->nmrr, 2 * n + 1, 2 * n)] : HW_UC;
	if (tex >= 4)
		return !c && !b ? HW_UC_MINUS : c && !b ? HW_WT : HW_WB;
	if (tex == 0)
		return !c ? HW_UC : b ? HW_WB : HW_WT;
	if (tex == 1)
		return c && b ? HW_WB : !c && !b ? HW_UC_MINUS : HW_UC;
	return HW_UC;
}

/* B3.7.1 (AFE off: table B3-8; on: table B3-9), B3.7.2 for execute-never, B3.7.3 for domains. */
static void short_rights(const struct hw_cpu *cpu, unsigned domain, unsigned ap, bool xn, bool pxn,
                         struct hw_page *page)
{
	static const char *const kernel[] = { "", "rw", "rw", "rw", "", "r", "r", "r" };
	static const char *const user[] = { "", "", "r", "rw", "", "", "r", "r" };
	unsigned access = cpu->dacr >> (2 * domain) & 3, row = ap;
	const char *k, *u;

	page->accessed = cpu->afe ? ap & 1 : true;
	if (cpu->afe)
		row = ap | 1;
	k = kernel[row];
	u = user[row];
	page->dirty = k[0] && k[1] && (!u[0] || u[1]);
	if (access == 3) {
		may(page, HW_KERNEL, true, true, true);
		may(page, HW_USER, true, true, true);
	} else if (access == 1) {
		may(page, HW_KERNEL, k[0], k[0] && k[1], k[0] && !xn && !pxn);
		may(page, HW_USER, u[0], u[0] && u[1], u[0] && !xn);
	}
}

static void walk_short(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t ttbr, uint32_t va,
                       struct hw_page *page)
{
	/* B3.5.4: TTBR1 once one of the top N bits is set; TTBR0's table then has 4096 >> N entries. */
	unsigned n = cpu->ttbcr & 7, domain;
	bool ttbr1 = n && va >> (32 - n);
	uint64_t table = ttbr1 ? cpu->ttbr1_root & 0xFFFFC000 : ttbr & 0xFFFFFFFF & ~((0x4000ull >> n) - 1);
	uint32_t l1, l2;

	if (!fetch(read, ctx, table | (va >> 20) << 2, 4, page))
		return;
	l1 = (uint32_t)page->entry[0];
	page->end = HW_NOT_PRESENT;
	if (bits(l1, 1, 0) == 0)
		return;
	domain = (unsigned)bits(l1, 8, 5);
	if (bit(l1, 1)) {
		bool super = bit(l1, 18);
		uint64_t base = super ? bits(l1, 31, 24) << 24 | bits(l1, 23, 20) << 32 | bits(l1, 8, 5) << 36
		                      : bits(l1, 31, 20) << 20;

		page->end = HW_RESERVED;
		if ((bit(l1, 0) && !cpu->pxn) || base >> cpu->maxphyaddr)
			return;
		page->end = HW_MAPPED;
		page->size = super ? 16u << 20 : 1u << 20;
		page->pa = base | (va & (page->size - 1));
		page->global = !bit(l1, 17);
		page->cache = tex_c_b(cpu, (unsigned)bits(l1, 14, 12), bit(l1, 3), bit(l1, 2));
		short_rights(cpu, super ? 0 : domain, (unsigned)(bits(l1, 15, 15) << 2 | bits(l1, 11, 10)),
		             bit(l1, 4), bit(l1, 0), page);
		return;
	}
	if (!fetch(read, ctx, (l1 & 0xFFFFFC00) | bits(va, 19, 12) << 2, 4, page))
		return;
	l2 = (uint32_t)page->entry[1];
	page->end = HW_NOT_PRESENT;
	if (bits(l2, 1, 0) == 0)
		return;
	page->end = HW_MAPPED;
	page->global = !bit(l2, 11);
	if (bit(l2, 1)) {
		page->size = 4096;
		page->pa = (l2 & 0xFFFFF000) | bits(va, 11, 0);
		page->cache = tex_c_b(cpu, (unsigned)bits(l2, 8, 6), bit(l2, 3), bit(l2, 2));
	} else {
		page->size = 65536;
		page->pa = (l2 & 0xFFFF0000) | bits(va, 15, 0);
		page->cache = tex_c_b(cpu, (unsigned)bits(l2, 14, 12), bit(l2, 3), bit(l2, 2));
	}
	short_rights(cpu, domain, (unsigned)(bits(l2, 9, 9) << 2 | bits(l2, 5, 4)), bit(l2, bit(l2, 1) ? 0 : 15),
	             cpu->pxn && bit(l1, 2), page);
}

/* DDI 0487 D17.2.97, MAIR_EL1. */
static enum hw_cache mair_cache(uint8_t attr)
{
	if ((attr & 0xF0) == 0)
		return HW_UC;
	if ((attr & 0x0F) == 0x04)
		return HW_UC_MINUS;
	return attr & 0x04 ? HW_WB : HW_WT;   /* 01RW and 11RW write back, 00RW and 10RW write through */
}

static void long_page(const struct hw_cpu *cpu, uint64_t e, bool no_user, bool no_write, bool xn_table, bool pxn_table,
                      struct hw_page *page)
{
	bool u = bit(e, 6) && !no_user, w = !bit(e, 7) && !no_write;
	bool xn = bit(e, 54) || xn_table, pxn = bit(e, 53) || pxn_table;

	if (cpu->tables == HW_ARM_LONG)
		pxn = pxn || xn;
	may(page, HW_KERNEL, true, w, !pxn);
	/* AArch64: EL0 may execute what it may not read (table D8-48). */
	may(page, HW_USER, u, u && w, (u || cpu->tables == HW_AARCH64) && !xn);
	page->global = !bit(e, 11);
	page->accessed = bit(e, 10);
	page->dirty = !bit(e, 7);
	page->cache = mair_cache((uint8_t)(cpu->mair >> (8 * bits(e, 4, 2))));
}

/* From the manual's level first, which counts downwards (three is the last), with an index up to bit high. */
static void walk_long(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t table, unsigned first, unsigned high,
                      uint64_t va, struct hw_page *page)
{
	bool a64 = cpu->tables == HW_AARCH64, no_user = false, no_write = false, xn = false, pxn = false;
	unsigned top = a64 ? 47 : 39;

	for (unsigned level = first; ; level++) {
		unsigned low = 12 + 9 * (3 - level);
		uint64_t e;

		high = level == first ? high : low + 8;
		if (!fetch(read, ctx, table + 8 * bits(va, high, low), 8, page))
			return;
		e = page->entry[page->entries - 1];
		page->end = HW_NOT_PRESENT;
		if (!bit(e, 0))
			return;
		page->end = HW_RESERVED;
		if (bits(e, top, 12) << 12 >> cpu->maxphyaddr)
			return;
		if (level == 3 ? !bit(e, 1) : level == 0 && !bit(e, 1))
			return;
		if (level == 3 || !bit(e, 1)) {
			page->end = HW_MAPPED;
			page->size = 1ull << low;
			page->pa = bits(e, top, low) << low | (va & (page->size - 1));
			long_page(cpu, e, no_user, no_write, xn, pxn, page);
			return;
		}
		no_user = no_user || bit(e, 61);
		no_write = no_write || bit(e, 62);
		xn = xn || bit(e, 60);
		pxn = pxn || bit(e, 59);
		table = bits(e, top, 12) << 12;
	}
}

/* B3.6.4 to B3.6.6: a region of 2^(32 - TxSZ) bytes at each end of the addresses; zero: all that the other has not. Of
 * 1 GiB or less the walk begins at level 2. */
static void walk_lpae(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t ttbr, uint32_t va, struct hw_page *page)
{
	unsigned t0 = cpu->ttbcr & 7, t1 = cpu->ttbcr >> 16 & 7, size;
	bool low = !t0 || va >> (32 - t0) == 0, high = t1 && va >> (32 - t1) == (1u << t1) - 1;

	if (t0 && !t1)
		high = !low;
	if (!t0 && high)
		low = false;
	page->end = HW_NO_ADDRESS;
	if (!low && !high)
		return;
	size = low ? t0 : t1;
	walk_long(cpu, read, ctx, low ? ttbr : cpu->ttbr1_root, size < 2 ? 1 : 2, 31 - size, va, page);
}

/* DDI 0487 D8.2: TTBR0 has the addresses whose upper bits are zero, TTBR1 those with ones. */
static bool in_range(const struct hw_cpu *cpu, uint64_t va)
{
	unsigned size = cpu->tables == HW_AARCH64 ? 12 + 9 * cpu->levels : 32;

	return va >> size == (cpu->ttbr1 ? ~0ull >> size : 0);
}

void hw_walk_arm(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t ttbr, uint64_t va, struct hw_page *page)
{
	page->end = HW_NO_ADDRESS;
	if (!in_range(cpu, va))
		return;
	if (cpu->tables == HW_ARM_SHORT)
		walk_short(cpu, read, ctx, ttbr, (uint32_t)va, page);
	else if (cpu->tables == HW_ARM_LONG)
		walk_lpae(cpu, read, ctx, ttbr, (uint32_t)va, page);
	else
		walk_long(cpu, read, ctx, ttbr, 4 - cpu->levels, 11 + 9 * cpu->levels, va, page);
}
