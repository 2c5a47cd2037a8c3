/* mm/phys/kmap.c - a few windows, used like a stack.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/kmap.h"
#include "arch/mmu.h"
#include "lib/string.h"
#include "mm/phys/direct.h"
#include "mm/phys/table.h"

static paddr_t window_entry[KMAP_WINDOWS];   /* where each window's PTE is */
static unsigned used;

static uint64_t window_va(unsigned i)
{
	return KMAP_START + (uint64_t)i * PAGE_SIZE;
}

static void set_window(unsigned i, pte_t pte)
{
	unsigned bytes = arch_pt_mode()->format->entry_bytes;
	pte_t old = pt_entry_at(phys_to_virt(window_entry[i]), bytes);

	table_store(window_entry[i], bytes, old, pte, "window");
	if (old.v)
		arch_tlb_flush_page(window_va(i));
}

err_t kmap_init(const struct pt_space *kernel)
{
	for (unsigned i = 0; i < KMAP_WINDOWS; i++) {
		err_t err = pt_ensure(kernel, window_va(i), 0, NULL, &window_entry[i]);

		if (err != OK)
			return err;
	}
	return OK;
}

void *kmap_device(pfn_t pfn, prot_t cache)
{
	const struct pt_mode *mode = arch_pt_mode();
	prot_t prot = PROT_R | PROT_W | PROT_ACCESSED | PROT_DIRTY | cache;
	pte_t pte;

	ASSERT(used < KMAP_WINDOWS);
	if (mode->format->make_leaf(mode, 0, pfn_base(pfn), prot, &pte) != OK)
		return NULL;
	set_window(used, pte);
	return (void *)(uintptr_t)window_va(used++);
}

void *kmap_open(pfn_t pfn)
{
	void *window = kmap_device(pfn, CACHE_WB);

	ASSERT(window);
	return window;
}

void kmap_close(const void *window)
{
	uint64_t va = (uintptr_t)window & ~(uintptr_t)PAGE_MASK;

	ASSERT(used > 0 && va == window_va(used - 1));
	/* The entry is cleared: a later use of the address faults instead of reading the next frame in this slot. */
	set_window(--used, PTE(0));
}

void kmap_reset(void)
{
	while (used > 0)
		set_window(--used, PTE(0));
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
