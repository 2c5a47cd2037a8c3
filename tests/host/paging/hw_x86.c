/* tests/host/paging/hw_x86.c - the page walk of Intel SDM vol. 3A chapter 4, as text turned into code.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/paging/hw.h"

#define BIT(n) (1ull << (n))

static uint64_t field(uint64_t v, unsigned high, unsigned low)
{
	return v >> low & ((high - low == 63) ? ~0ull : BIT(high - low + 1) - 1);
}

/* Rights as they are collected on the way: section 4.6. */
struct so_far { bool user, write, no_execute; };

static bool fetch(hw_read_fn read, void *ctx, uint64_t pa, unsigned bytes, struct hw_page *page)
{
	unsigned i = page->entries++;

	page->entry_pa[i] = pa;
	page->end = HW_BUS;
	return read(ctx, pa, bytes, &page->entry[i]);
}

static void map(struct hw_page *page, uint64_t leaf, const struct so_far *s, uint64_t base, uint64_t size, uint64_t va)
{
	page->end = HW_MAPPED;
	page->size = size;
	page->pa = base + va % size;
	for (int who = HW_KERNEL; who <= HW_USER; who++) {
		bool in = who == HW_KERNEL || s->user;

		page->may[who][HW_READ] = in;
		page->may[who][HW_WRITE] = in && s->write;
		page->may[who][HW_FETCH] = in && !s->no_execute;
	}
	page->global = leaf & BIT(8);
	page->accessed = leaf & BIT(5);
	page->dirty = leaf & BIT(6);
	/* The PAT index is PCD, PWT; with the reset PAT that is the order of hw_cache. */
	page->cache = (enum hw_cache)field(leaf, 4, 3);
}

/* Tables 4-4 to 4-6. */
static void walk_32bit(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t cr3, uint32_t va,
                       struct hw_page *page)
{
	struct so_far s;
	uint64_t pde, pte;

	if (!fetch(read, ctx, (cr3 & 0xFFFFF000) + 4 * (va >> 22), 4, page))
		return;
	pde = page->entry[0];
	page->end = HW_NOT_PRESENT;
	if (!(pde & 1))
		return;
	s = (struct so_far){ .write = pde & 2, .user = pde & 4 };
	if ((pde & 0x80) && cpu->pse) {
		uint64_t base = field(pde, 31, 22) << 22 | field(pde, 20, 13) << 32;

		page->end = HW_RESERVED;
		if (!field(pde, 21, 21) && base < BIT(cpu->maxphyaddr))
			map(page, pde, &s, base, 0x400000, va);
		return;
	}
	if (!fetch(read, ctx, (pde & 0xFFFFF000) + 4 * (va >> 12 & 0x3FF), 4, page))
		return;
	pte = page->entry[1];
	page->end = HW_NOT_PRESENT;
	if (!(pte & 1))
		return;
	s.write = s.write && (pte & 2);
	s.user = s.user && (pte & 4);
	map(page, pte, &s, pte & 0xFFFFF000, 0x1000, va);
}

/* Tables 4-8 to 4-11 and 4-15 to 4-20: true if a bit is set that must not be. */
static bool reserved(const struct hw_cpu *cpu, unsigned level, uint64_t e)
{
	bool large = level > 1 && (e & BIT(7));

	if (cpu->maxphyaddr < 52 && field(e, 51, cpu->maxphyaddr))
		return true;
	if (!cpu->nxe && (e & BIT(63)))
		return true;
	if (cpu->tables == HW_PAE) {
		if (field(e, 62, 52))
			return true;
		/* A PDPTE: bits 2:1, 8:5 and 63. Bit 5 is let pass, for QEMU's TCG sets it. */
		if (level == 3)
			return (e & (BIT(1) | BIT(2) | BIT(6) | BIT(7) | BIT(8) | BIT(63))) != 0;
	}
	if (!large)
		return false;
	if (level >= 4 || (level == 3 && !cpu->page1gb))
		return true;
	return field(e, level == 3 ? 29 : 20, 13) != 0;
}

/* APM vol. 2 7.10.3: the C-bit is no part of the address. */
static uint64_t address_of(const struct hw_cpu *cpu, uint64_t e)
{
	return cpu->cbit ? e & ~BIT(cpu->cbit) : e;
}

static void walk_64bit(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t cr3, uint64_t va,
                       struct hw_page *page)
{
	struct so_far s = { .user = true, .write = true };
	uint64_t table = cpu->tables == HW_PAE ? cr3 & 0xFFFFFFE0 : cr3 & 0x000FFFFFFFFFF000;

	for (unsigned level = cpu->tables == HW_PAE ? 3 : cpu->levels; ; level--) {
		unsigned shift = 12 + 9 * (level - 1);
		uint64_t mask = cpu->tables == HW_PAE && level == 3 ? 3 : 0x1FF, e;

		if (!fetch(read, ctx, table + 8 * (va >> shift & mask), 8, page))
			return;
		e = page->entry[page->entries - 1];
		page->end = HW_NOT_PRESENT;
		if (!(e & 1))
			return;
		page->end = HW_RESERVED;
		e = address_of(cpu, e);
		if (reserved(cpu, level, e))
			return;
		if (cpu->tables != HW_PAE || level < 3) {
			s.write = s.write && (e & 2);
			s.user = s.user && (e & 4);
			s.no_execute = s.no_execute || (cpu->nxe && (e & BIT(63)));
		}
		if (level == 1 || (e & BIT(7))) {
			map(page, e, &s, field(e, 51, shift) << shift, BIT(shift), va);
			return;
		}
		table = field(e, 51, 12) << 12;
	}
}

void hw_walk_x86(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t cr3, uint64_t va, struct hw_page *page)
{
	unsigned top = cpu->tables == HW_IA32E ? 12 + 9 * cpu->levels - 1 : 31;
	uint64_t high = va >> top;

	page->end = HW_NO_ADDRESS;
	if (cpu->tables != HW_IA32E) {
		if (va >> 32)
			return;
	} else if (high != 0 && high != ~0ull >> top) {
		return;
	}
	if (cpu->tables == HW_32BIT)
		walk_32bit(cpu, read, ctx, cr3, (uint32_t)va, page);
	else
		walk_64bit(cpu, read, ctx, cr3, va, page);
}
