/* mm/init.c - initialises memory in order, from the firmware's map to a complete kernel address space.
 * SPDX-License-Identifier: MIT
 *
 * Until frame_init() page tables come from the memory that the boot stage mapped; boot_env below is the walker's environment
 * for that time.
 */
#include "arch/mmu.h"
#include "boot/record.h"
#include "lib/cmdline.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/phys/direct.h"
#include "mm/phys/heap.h"
#include "mm/phys/kmap.h"
#include "mm/phys/table.h"
#include "mm/space/aspace.h"
#include "mm/space/fault.h"

#define LOW_END     ((uint64_t)DIRECT_MAP_PHYS + DIRECT_MAP_SIZE)
#define POOL_FRAMES 1024         /* of the zeroed pool: 4 MiB at most */
#define RECORDS_SHARE 2          /* the frame database may take at most this part of the direct map's RAM */

static struct memmap spare;      /* free RAM */
static uint64_t boot_mapped;     /* end of what the boot stage mapped, physical */

/* ---- the walker's world before there are frames ---- */

static err_t boot_read(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	const void *at = phys_to_virt(pa);

	(void)ctx;
	if (pa.v - DIRECT_MAP_PHYS >= boot_mapped - DIRECT_MAP_PHYS)
		return ERR_IO;
	*out = PTE(bytes == 4 ? *(const uint32_t *)at : *(const uint64_t *)at);
	return OK;
}

static void boot_store(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	(void)ctx;
	table_store(pa, bytes, old, new, why);
}

static err_t boot_table(void *ctx, unsigned bytes, paddr_t *out)
{
	err_t err = memmap_take(&spare, bytes, bytes < PAGE_SIZE ? PAGE_SIZE : bytes, PADDR(boot_mapped), out);

	(void)ctx;
	if (err == OK)
		memset(phys_to_virt(*out), 0, bytes);
	return err;
}

static const struct pt_env boot_env = { .read = boot_read, .store = boot_store, .table_alloc = boot_table };

/* ---- RAM, and the parts that are in use ---- */

/* The physical address bits that a page of this mode can have: two-level entries have 32, also on a CPU with more. */
static unsigned page_pa_bits(const struct pt_mode *mode)
{
	unsigned bits = mode->pa_bits;
	pte_t pte;

	while (bits > 32 && mode->format->make_leaf(mode, 0, PADDR((uint64_t)1 << (bits - 1)), PROT_R, &pte) != OK)
		bits--;
	return bits;
}

static err_t reserve_in_use(const struct boot_info *info, uint64_t image_end)
{
	err_t err = memmap_reserve(&spare, PADDR(DIRECT_MAP_PHYS), PAGE_SIZE);   /* a frame 0 would look like none */

	if (err == OK)
		err = memmap_reserve(&spare, PADDR(BOOT_RECORD_PA), PAGE_SIZE);
	if (err == OK)
		err = memmap_reserve(&spare, PADDR(info->image_pa), image_end - info->image_pa);
	for (unsigned i = 0; err == OK && i < info->module_count; i++)
		err = memmap_reserve(&spare, PADDR(info->module[i].base), info->module[i].len);
	return err;
}

/* Removes each reserve=PA,LEN range. Invalid ones are ignored: the boot stage has reported them. */
static err_t reserve_on_request(const char *cmdline, struct mm_report *report)
{
	static char value[BOOT_CMDLINE];
	uint64_t pa, len;

	for (unsigned n = 0; cmdline_option(cmdline, "reserve", n, value, sizeof(value)); n++) {
		err_t err;

		if (!cmdline_range(value, &pa, &len))
			continue;
		err = memmap_reserve(&spare, PADDR(pa), len);
		if (err != OK)
			return err;
		report->reserved++;
	}
	return OK;
}

static err_t find_ram(const struct boot_info *info, uint64_t image_end, struct mm_report *report)
{
	uint64_t low = 0, most;
	err_t err;

	report->memmap = memmap_init(&mm_ram, info->range, info->range_count, page_pa_bits(arch_pt_mode()));
	for (unsigned i = 0; i < mm_ram.n && mm_ram.run[i].base.v < LOW_END; i++)
		low += mm_ram.run[i].base.v + mm_ram.run[i].len < LOW_END ? mm_ram.run[i].len
		                                                           : LOW_END - mm_ram.run[i].base.v;
	/* If the records are in the direct map, its size limits their number. */
	most = low / RECORDS_SHARE / sizeof(struct frame);
	if (!FRAME_DB_BASE && memmap_end(&mm_ram).v - memmap_first(&mm_ram).v > most)
		memmap_limit(&mm_ram, pfn_base(PFN(memmap_first(&mm_ram).v + most)));
	report->beyond = mm_ram.beyond;
	report->dropped = mm_ram.dropped;
	if (memmap_bytes(&mm_ram) < MM_MINIMUM)
		return ERR_NO_MEMORY;
	spare = mm_ram;
	err = reserve_in_use(info, image_end);
	return err == OK ? reserve_on_request(info->cmdline, report) : err;
}

/* ---- the direct map ---- */

/* Maps the runs of RAM that the boot stage did not map, with the largest pages that fit. */
static err_t extend_direct_map(void)
{
	struct pt_space space = kernel_aspace.space;
	err_t err = OK;

	space.env = &boot_env;
	for (unsigned i = 0; err == OK && i < mm_ram.n; i++) {
		uint64_t base = mm_ram.run[i].base.v, end = base + mm_ram.run[i].len;

		base = base > boot_mapped ? base : boot_mapped;
		end = end < LOW_END ? end : LOW_END;
		if (base < end)
			err = pt_map(&space, (uintptr_t)phys_to_virt(PADDR(base)), PADDR(base), end - base,
			             PROT_R | PROT_W | PROT_GLOBAL | PROT_ACCESSED | PROT_DIRTY, PT_MAX_LEVELS - 1,
			             NULL);
	}
	return err;
}

/* ---- frames ---- */

static void zero_frame_contents(void *ctx, pfn_t pfn)
{
	void *page = kmap(pfn);

	(void)ctx;
	arch_page_zero(page);
	kunmap(page);
}

/* Allocates the records and sets *records: an address in the direct map, or one based on
 * FRAME_DB_BASE, at which the record of frame n has a constant address. */
static err_t place_records(uint64_t bytes, void **records)
{
	struct pt_space space = kernel_aspace.space;
	uint64_t va;
	paddr_t pa;
	err_t err = memmap_take(&spare, bytes, PAGE_SIZE, PADDR(LOW_END), &pa);

	*records = phys_to_virt(pa);
	if (err != OK || !FRAME_DB_BASE)
		return err;
	space.env = &boot_env;
	/* frame_init() begins at a multiple of four as well. */
	va = (uint64_t)FRAME_DB_BASE + ALIGN_DOWN(memmap_first(&mm_ram).v, 4u) * sizeof(struct frame);
	*records = (void *)(uintptr_t)va;
	/* The first and the last page of the records must contain nothing else, because whole pages are mapped. */
	return pt_map(&space, ALIGN_DOWN(va, (uint64_t)PAGE_SIZE), pa, ALIGN_UP(bytes, (uint64_t)PAGE_SIZE),
	              PROT_R | PROT_W | PROT_GLOBAL | PROT_ACCESSED | PROT_DIRTY, 0, NULL);
}

static err_t make_frames(void)
{
	uint64_t bytes = frame_db_bytes(&mm_ram);
	struct frame_config config = {
		.ram = &mm_ram, .spare = &spare, .bytes = (size_t)bytes, .low_end = pfn_of(PADDR(LOW_END)),
		.pool_max = POOL_FRAMES, .zero = zero_frame_contents,
	};
	err_t err = place_records(bytes, &config.records);

	return err == OK ? frame_init(&config) : err;
}

/* Tables of the regions that every root must have from its creation: windows, devices, stacks. */
static err_t make_shared_tables(void)
{
	const struct pt_format *f = kernel_aspace.space.half[0].mode->format;
	uint64_t step = pt_level_size(f, f->shared_level);
	paddr_t at;
	err_t err = OK;

	/* A step can be larger than the rest of the address space. */
	for (uint64_t va = KMAP_START; err == OK && va >= KMAP_START && va < KSTACK_END; va += step)
		err = pt_ensure(&kernel_aspace.space, va, f->shared_level - 1u, NULL, &at);
	return err;
}

err_t mm_init(const struct boot_info *info, uint64_t image_end_pa, struct mm_report *report)
{
	err_t err;

	*report = (struct mm_report){ .memmap = OK };
	boot_mapped = DIRECT_MAP_PHYS + info->mapped;
	aspace_init(PADDR(info->root));
	err = find_ram(info, image_end_pa, report);
	if (err == OK)
		err = extend_direct_map();
	if (err == OK)
		err = make_frames();
	if (err != OK)
		return err;
	env_open_linear(boot_mapped);
	heap_init();
	err = make_shared_tables();
	if (err == OK)
		err = kmap_init(&kernel_aspace.space);
	if (err == OK)
		err = zero_frame_init();
	return err;
}

static bool identity_dropped;

bool mm_identity(uint64_t *first, uint64_t *last)
{
	*first = DIRECT_MAP_PHYS;
	*last = boot_mapped - 1;
	return !identity_dropped;
}

/* The lower half has served: from here on a null pointer is a fault. Entries of the top of the lower half only:
 * what they point to belongs to the image's table pool. */
void mm_drop_identity(void)
{
	const struct pt_space *s = &kernel_aspace.space;
	const struct pt_format *f = s->half[0].mode->format;
	uint64_t step = pt_level_size(f, f->shared_level), first = ALIGN_DOWN((uint64_t)DIRECT_MAP_PHYS, step);

	for (uint64_t va = first; va < boot_mapped; va += step) {
		struct pt_slot slot;

		if (pt_lookup(s, va, f->shared_level, &slot) == OK && slot.entry.v)
			s->env->store(s->env->ctx, slot.entry_pa, f->entry_bytes, slot.entry, PTE(0), "identity map dropped");
	}
	arch_tlb_flush_all();
	identity_dropped = true;
}
