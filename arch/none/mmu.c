/* arch/none/mmu.c - the mode, roots, flushes and stores to tables.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "arch/none/none.h"
#include "lib/string.h"

static paddr_t root;

/* The format of another CPU, until the port's own is in paging/. */
struct pt_mode *arch_pt_mode(void)
{
	static struct pt_mode mode = { .format = &pt_x64, .nx = true, .wp = true };

	mode.levels = mode.format->levels;
	mode.pa_bits = mode.format->pa_bits;
	return &mode;
}

uint64_t arch_selfmap_base(void)
{
	return 0;     /* there is none */
}

void arch_mmu_load_root(paddr_t to)
{
	root = to;
	arch_tlb_flush_all();
}

paddr_t arch_mmu_root(void)
{
	return root;
}

void arch_tlb_flush_all(void)
{
	__asm__ volatile("" ::: "memory");
}

void arch_entries_store(void *at, unsigned bytes, const void *new, unsigned count)
{
	if (new)
		memcpy(at, new, (size_t)bytes * count);
	else
		memset(at, 0, (size_t)bytes * count);
}

void arch_page_zero(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

void arch_page_copy(void *to, const void *from)
{
	memcpy(to, from, PAGE_SIZE);
}

void arch_flush_icache(const void *page)
{
	(void)page;
}

const struct region *arch_regions(void)
{
	static const struct region regions[] = {
		{ 0, USER_END - 1, REGION_USER, "user" },
		{ DIRECT_MAP_BASE, DIRECT_MAP_BASE + DIRECT_MAP_SIZE - 1, REGION_LOGICAL, "direct map" },
		{ VMALLOC_START, VMALLOC_END - 1, REGION_VIRTUAL, "vmalloc" },
		{ FRAME_DB_BASE, FRAME_DB_END - 1, REGION_VIRTUAL, "frame database" },
		{ KMAP_START, KMAP_END - 1, REGION_VIRTUAL, "kmap windows" },
		{ DEVICE_START, DEVICE_END - 1, REGION_DEVICE, "device windows" },
		{ KSTACK_START, KSTACK_END - 1, REGION_VIRTUAL, "kernel stacks" },
		{ 0 },
	};

	return regions;
}

/* Nothing here is a choice. */
err_t arch_set_mode(const struct pt_mode *wanted)
{
	const struct pt_mode *mode = arch_pt_mode();
	bool same = wanted->wp == mode->wp && wanted->smep == mode->smep && wanted->smap == mode->smap;

	return same ? OK : ERR_UNSUPPORTED;
}

err_t arch_translate(uint64_t va, bool write, bool user, paddr_t *pa, uint64_t *why)
{
	(void)va;
	(void)write;
	(void)user;
	(void)pa;
	(void)why;
	return ERR_UNSUPPORTED;
}
