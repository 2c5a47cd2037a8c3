/* mm/phys/kmap.c - kmap slots: kernel PTEs that a process uses temporarily.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/kmap.h"
#include "arch/mmu.h"
#include "lib/string.h"
#include "mm/phys/direct.h"
#include "mm/phys/table.h"
#include "mm/phys/task.h"

/* pte: address of each slot's PTE. used: bit n: slot n belongs to a process, whose mm_task names it. */
static struct { paddr_t pte[KMAP_SLOTS]; uint32_t used; } slots;
STATIC_ASSERT(a_word_has_a_bit_for_each_slot, KMAP_SLOTS <= 32);

static uint64_t slot_va(unsigned i)
{
	return KMAP_START + (uint64_t)i * PAGE_SIZE;
}

static void set_slot(unsigned i, pte_t pte)
{
	unsigned bytes = arch_pt_mode()->format->entry_bytes;
	pte_t old = pt_entry_at(phys_to_virt(slots.pte[i]), bytes);

	table_store(slots.pte[i], bytes, old, pte, "kmap");
	if (old.v)
		arch_tlb_flush_page(slot_va(i));
}

err_t kmap_init(const struct pt_space *kernel)
{
	for (unsigned i = 0; i < KMAP_SLOTS; i++) {
		err_t err = pt_ensure(kernel, slot_va(i), 0, NULL, &slots.pte[i]);

		if (err != OK)
			return err;
	}
	return OK;
}

void *kmap_device(pfn_t pfn, prot_t cache)
{
	const struct pt_mode *mode = arch_pt_mode();
	prot_t prot = PROT_R | PROT_W | PROT_ACCESSED | PROT_DIRTY | cache;
	unsigned i = (unsigned)__builtin_ctz(~slots.used);
	pte_t pte;

	ASSERT(i < KMAP_SLOTS);
	if (mode->format->make_leaf(mode, 0, pfn_base(pfn), prot, &pte) != OK)
		return NULL;
	slots.used |= 1u << i;
	mm_task->kmap_slots |= 1u << i;
	set_slot(i, pte);
	return (void *)(uintptr_t)slot_va(i);
}

void *kmap_open(pfn_t pfn)
{
	void *slot = kmap_device(pfn, CACHE_WB);

	ASSERT(slot);
	return slot;
}

/* Clears the PTE, so that an access after kunmap() faults; it would read the next frame in this slot otherwise. */
static void close_slot(unsigned i)
{
	slots.used &= ~(1u << i);
	mm_task->kmap_slots &= ~(1u << i);
	set_slot(i, PTE(0));
}

void kmap_close(const void *address)
{
	unsigned i = (unsigned)(((uintptr_t)address - (uintptr_t)KMAP_START) / PAGE_SIZE);

	ASSERT(i < KMAP_SLOTS && (mm_task->kmap_slots & 1u << i));
	close_slot(i);
}

void kmap_reset(void)
{
	while (mm_task->kmap_slots)
		close_slot((unsigned)__builtin_ctz(mm_task->kmap_slots));
}

/* ---- physical memory by address ---- */

static bool is_ram(paddr_t pa, size_t n)
{
	if (n && pa.v + n - 1 < pa.v)
		return false;
	for (uint64_t pfn = pfn_of(pa).v; n && pfn <= pfn_of(paddr_add(pa, n - 1)).v; pfn++) {
		const struct frame *f = frame_at(PFN(pfn));

		if (!f || f->state == FRAME_BAD)
			return false;
	}
	return true;
}

static err_t copy_phys(paddr_t pa, void *buf, size_t n, bool write)
{
	char *p = buf;

	if (!is_ram(pa, n))
		return ERR_IO;
	for (size_t part; n; pa = paddr_add(pa, part), p += part, n -= part) {
		size_t offset = (size_t)(pa.v & PAGE_MASK);
		char *at;

		part = PAGE_SIZE - offset < n ? PAGE_SIZE - offset : n;
		if (write)
			frame_written(pfn_of(pa));
		if (write && frame_at(pfn_of(pa))->state == FRAME_TABLE) {
			table_patch(pa, arch_pt_mode()->format->entry_bytes, p, (unsigned)part);
			continue;
		}
		/* The direct map maps the image's text and constants read-only, and the destination can be text: use a slot. */
		at = (char *)(write ? kmap_open : kmap)(pfn_of(pa)) + offset;

		memcpy(write ? at : p, write ? p : at, part);
		if (write)
			arch_flush_icache(at - offset);
		kunmap(at);
	}
	return OK;
}

void kmap_flush_icache(pfn_t pfn)
{
	const void *page = kmap(pfn);

	arch_flush_icache(page);
	kunmap(page);
}

err_t phys_read(paddr_t pa, void *buf, size_t n)
{
	return copy_phys(pa, buf, n, false);
}

err_t phys_write(paddr_t pa, const void *buf, size_t n)
{
	return copy_phys(pa, (void *)(uintptr_t)buf, n, true);
}
