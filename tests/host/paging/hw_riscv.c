/* tests/host/paging/hw_riscv.c - the page walk of the RISC-V Privileged Architecture, 4.3.2 and 4.4, as text turned into code.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/paging/hw.h"

static bool bit(uint64_t v, unsigned n)
{
	return v >> n & 1;
}

/* The whole PPN field, bits 53:10; the parts below a superpage's size are not checked here. */
static uint64_t ppn(uint64_t pte)
{
	return pte >> 10 & 0xFFFFFFFFFFF;
}

static void leaf(uint64_t pte, struct hw_page *page)
{
	bool u = bit(pte, 4);

	for (int who = HW_KERNEL; who <= HW_USER; who++) {
		bool mine = who == HW_KERNEL || u;     /* sstatus.SUM is on */

		page->may[who][HW_READ] = mine && bit(pte, 1);
		page->may[who][HW_WRITE] = mine && bit(pte, 2);
		page->may[who][HW_FETCH] = u == (who == HW_USER) && bit(pte, 3);
	}
	page->global = bit(pte, 5);
	page->accessed = bit(pte, 6);
	page->dirty = bit(pte, 7);
	page->cache = HW_WB;
}

void hw_walk_riscv(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t root, uint64_t va, struct hw_page *page)
{
	uint64_t a = root;

	page->end = HW_NO_ADDRESS;
	/* Bits 63:39 all equal bit 38. */
	if (va >> 38 != 0 && va >> 38 != 0x3FFFFFF)
		return;
	for (int i = 2; ; i--) {
		unsigned n = page->entries++;
		uint64_t pte;

		page->entry_pa[n] = a + (va >> (12 + 9 * i) & 0x1FF) * 8;
		page->end = HW_BUS;
		if (!read(ctx, page->entry_pa[n], 8, &page->entry[n]))
			return;
		pte = page->entry[n];
		page->end = HW_NOT_PRESENT;
		if (!bit(pte, 0))
			return;
		page->end = HW_RESERVED;
		if (pte >> 54 || (!bit(pte, 1) && bit(pte, 2)) || ppn(pte) << 12 >> cpu->maxphyaddr)
			return;
		if (bit(pte, 1) || bit(pte, 3)) {
			if (ppn(pte) & ((1ull << 9 * i) - 1))
				return;
			page->end = HW_MAPPED;
			page->size = 1ull << (12 + 9 * i);
			page->pa = ppn(pte) << 12 | (va & (page->size - 1));
			leaf(pte, page);
			return;
		}
		/* A pointer's D, A and U are reserved. */
		if (i == 0 || bit(pte, 4) || bit(pte, 6) || bit(pte, 7))
			return;
		a = ppn(pte) << 12;
	}
}
