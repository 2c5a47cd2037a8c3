/* mm/phys/env.c - struct pt_env of the running kernel: entries through the direct map, tables from frames, a journal.
 * SPDX-License-Identifier: MIT
 *
 * Tables are always in the direct map. A corrupt entry can point elsewhere: that memory is read through a kmap slot, or not at
 * all if it is no RAM, so a lookup never faults.
 */
#include "arch/mmu.h"
#include "mm/phys/direct.h"
#include "mm/phys/env.h"
#include "mm/phys/kmap.h"
#include "mm/phys/memmap.h"
#include "mm/phys/slab.h"
#include "mm/phys/table.h"

static bool in_direct_map(paddr_t pa)
{
	const struct frame *f = frame_at(pfn_of(pa));

	return f && f->state != FRAME_BAD && frame_is_low(pfn_of(pa));
}

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	const void *at = phys_to_virt(pa);
	(void)ctx;

	if (!in_direct_map(pa)) {
		out->v = 0;
		return phys_read(pa, out, bytes);
	}
	*out = PTE(bytes == 4 ? *(const volatile uint32_t *)at : *(const volatile uint64_t *)at);
	return OK;
}

static void store_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	(void)ctx;
	table_store(pa, bytes, old, new, why);
}

/* ---- tables ---- */

/* Roots of 32 bytes (PAE and LPAE) and second-level tables of 1 KiB (ARM short). */
static struct slab_cache small_tables[2];
static const struct { uint16_t bytes; const char *name; } small[] = { { 32, "pdpt" }, { 1024, "1 KiB tables" } };

static struct slab_cache *cache_of(unsigned bytes)
{
	unsigned i = bytes == small[0].bytes ? 0 : 1;

	if (!small_tables[i].size)
		slab_init(&small_tables[i], small[i].name, small[i].bytes, small[i].bytes,
		          SLAB_TABLE | FRAME_ZERO | FRAME_BELOW_4G);
	return &small_tables[i];
}

static unsigned order_of(unsigned bytes)
{
	unsigned order = 0;

	while (PAGE_SIZE << order < bytes)
		order++;
	return order;
}

static err_t alloc_frames(unsigned bytes, unsigned zero, paddr_t *out)
{
	pfn_t pfn;
	err_t err = frame_alloc_run(order_of(bytes), FRAME_LOW | zero, FRAME_TABLE, &pfn);

	if (err != OK)
		return err;
	for (unsigned i = 0; i < 1u << order_of(bytes); i++) {
		struct frame *f = frame_at(PFN(pfn.v + i));

		f->use = FRAME_USE_TABLE;
		f->counts = (struct page_counts){ 0 };
		f->sharers = f->copied = 0;
	}
	*out = pfn_base(pfn);
	return OK;
}

static err_t table_alloc(void *ctx, unsigned bytes, paddr_t *out)
{
	void *object;

	(void)ctx;
	if (bytes >= PAGE_SIZE)
		return alloc_frames(bytes, FRAME_ZERO, out);
	object = slab_alloc(cache_of(bytes));
	if (!object)
		return ERR_NO_MEMORY;
	*out = virt_to_phys(object);
	return OK;
}

err_t env_table_to_fill(paddr_t *out)
{
	return alloc_frames(PAGE_SIZE, 0, out);
}

/* A table that other address spaces use as well loses one of them. */
static bool is_shared(paddr_t table, unsigned bytes)
{
	struct frame *f = bytes < PAGE_SIZE ? NULL : frame_at(pfn_of(table));

	if (f && f->sharers)
		f->sharers--;
	return f && f->sharers;
}

static void table_free(void *ctx, paddr_t table, unsigned bytes)
{
	(void)ctx;
	if (is_shared(table, bytes))
		return;
	journal_add_freed(table, bytes);
	if (bytes < PAGE_SIZE)
		slab_free(cache_of(bytes), phys_to_virt(table));
	else
		frame_free_run(pfn_of(table), 1u << order_of(bytes));
}

/* Selects the longest range of the direct map without a hole as the linear range: nearly every table is in it. The part that the
 * boot stage mapped has no holes. */
void env_open_linear(uint64_t boot_mapped)
{
	for (unsigned i = 0; i < mm_ram.n; i++) {
		uint64_t first = mm_ram.run[i].base.v, end = first + mm_ram.run[i].len;
		uint64_t low_end = (uint64_t)DIRECT_MAP_PHYS + DIRECT_MAP_SIZE;

		end = end < low_end ? end : low_end;
		if (first <= boot_mapped)
			first = DIRECT_MAP_PHYS;
		if (end <= first || end - first <= mm_env.linear_size)
			continue;
		mm_env.linear = phys_to_virt(PADDR(first));
		mm_env.linear_first = first;
		mm_env.linear_size = end - first;
	}
}

struct pt_env mm_env = {
	.read = read_entry, .store = store_entry, .table_alloc = table_alloc, .table_free = table_free,
};
