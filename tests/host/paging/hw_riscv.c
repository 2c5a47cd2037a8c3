/* tests/host/paging/hw_riscv.c - the page walk of the RISC-V Privileged Architecture, 4.3.2 and 4.4 to 4.6, and of Svnapot and
 * Svpbmt, as text turned into code.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/paging/hw.h"

static bool bit(uint64_t v, unsigned n)
{
	return v >> n & 1;
}

/* 4.3.1 and 4.4.1: bits 31:10 of Sv32, bits 53:10 of the others. */
static uint64_t ppn(const struct hw_cpu *cpu, uint64_t pte)
{
	return cpu->tables == HW_SV32 ? pte >> 10 & 0x3FFFFF : pte >> 10 & 0xFFFFFFFFFFF;
}

/* Table 6.1: 0 PMA, 1 non-cacheable, 2 input and output. */
static enum hw_cache cache_of(const struct hw_cpu *cpu, uint64_t pte)
{
	static const enum hw_cache kinds[] = { HW_WB, HW_UC_MINUS, HW_UC, HW_UC };

	return cpu->svpbmt ? kinds[pte >> 61 & 3] : HW_WB;
}

static void leaf(const struct hw_cpu *cpu, uint64_t pte, bool global, struct hw_page *page)
{
	bool u = bit(pte, 4);

	for (int who = HW_KERNEL; who <= HW_USER; who++) {
		bool mine = who == HW_KERNEL || u;     /* sstatus.SUM is on */

		page->may[who][HW_READ] = mine && bit(pte, 1);
		page->may[who][HW_WRITE] = mine && bit(pte, 2);
		page->may[who][HW_FETCH] = u == (who == HW_USER) && bit(pte, 3);
	}
	page->global = global || bit(pte, 5);
	page->accessed = bit(pte, 6);
	page->dirty = bit(pte, 7);
	page->cache = cache_of(cpu, pte);
}

/* Chapters 5 and 6: what stands above bit 53 of a leaf at level i. */
static bool upper_is_good(const struct hw_cpu *cpu, uint64_t pte, int i)
{
	unsigned pbmt = pte >> 61 & 3;

	if (cpu->tables == HW_SV32)
		return true;
	if (pte >> 54 & 0x7F)
		return false;
	if (pbmt == 3 || (pbmt && !cpu->svpbmt))
		return false;
	/* Table 5.1: the only size is that of ppn[0] xxxxx1000. */
	return !bit(pte, 63) || (cpu->svnapot && i == 0 && (pte >> 10 & 0xF) == 8);
}

void hw_walk_riscv(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t root, uint64_t va, struct hw_page *page)
{
	bool narrow = cpu->tables == HW_SV32, global = false;
	unsigned bits = narrow ? 10 : 9, bytes = narrow ? 4 : 8, size = 12 + bits * cpu->levels;
	uint64_t a = root, above = va >> (size - 1);

	page->end = HW_NO_ADDRESS;
	/* The bits above must equal the highest one; an address of Sv32 has no others. */
	if (narrow ? va >> 32 != 0 : above != 0 && above != ~0ull >> (size - 1))
		return;
	for (int i = (int)cpu->levels - 1; ; i--) {
		unsigned n = page->entries++;
		uint64_t pte;

		page->entry_pa[n] = a + (va >> (12 + (int)bits * i) & ((1u << bits) - 1)) * bytes;
		page->end = HW_BUS;
		if (!read(ctx, page->entry_pa[n], bytes, &page->entry[n]))
			return;
		pte = page->entry[n];
		page->end = HW_NOT_PRESENT;
		if (!bit(pte, 0))
			return;
		page->end = HW_RESERVED;
		if ((!bit(pte, 1) && bit(pte, 2)) || ppn(cpu, pte) << 12 >> cpu->maxphyaddr)
			return;
		if (bit(pte, 1) || bit(pte, 3)) {
			if (!upper_is_good(cpu, pte, i) || (ppn(cpu, pte) & ((1ull << bits * (unsigned)i) - 1)))
				return;
			page->end = HW_MAPPED;
			page->size = 1ull << (12 + (int)bits * i + (!narrow && bit(pte, 63) ? 4 : 0));
			page->pa = (ppn(cpu, pte) << 12 & ~(page->size - 1)) | (va & (page->size - 1));
			leaf(cpu, pte, global, page);
			return;
		}
		/* A pointer's D, A and U are reserved, and all above the frame number. */
		if (i == 0 || bit(pte, 4) || bit(pte, 6) || bit(pte, 7) || (!narrow && pte >> 54))
			return;
		global = global || bit(pte, 5);
		a = ppn(cpu, pte) << 12;
	}
}
