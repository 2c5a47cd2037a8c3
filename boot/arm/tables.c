/* boot/arm/tables.c - the first tables: an identity map and the kernel's half, by the walker's boot copy.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/virt_regs.h"
#include "arch_layout.h"
#include "boot/arm/boot.h"
#include "kernel/string.h"

#define BOOT_MAP_BYTES (16u << 20)

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	const void *p = (const void *)(uintptr_t)pa.v;

	(void)ctx;
	*out = PTE(bytes == 4 ? *(const uint32_t *)p : *(const uint64_t *)p);
	return OK;
}

/* Translation is off: no walker reads these entries yet, so neither order nor barriers matter. */
static void store_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	(void)ctx;
	(void)old;
	(void)why;
	if (bytes == 4)
		*(uint32_t *)(uintptr_t)pa.v = (uint32_t)new.v;
	else
		*(uint64_t *)(uintptr_t)pa.v = new.v;
}

/* Aligned to its size: 16 KiB roots, 4 KiB and 1 KiB tables, a root of 32 bytes. */
static err_t pool_table(void *ctx, unsigned bytes, paddr_t *out)
{
	struct boot_tables *t = ctx;
	uint32_t at = ALIGN_UP(t->pool_next, bytes);

	if (at > t->pool_end || t->pool_end - at < bytes)
		return ERR_NO_MEMORY;
	*out = PADDR(at);
	t->pool_next = at + bytes;
	return OK;
}

static void map(struct boot_tables *t, uint64_t va, uint64_t pa, uint64_t len, prot_t prot)
{
	err_t err = pt_map(&t->space, va, PADDR(pa), len, prot | PROT_R | PROT_ACCESSED | PROT_DIRTY, 1, NULL);

	if (err != OK)
		boot_stop("cannot map %08llx-%08llx: %s", (unsigned long long)va, (unsigned long long)(va + len - 1),
		          err_text(err));
}

/* Physical addresses with the same rights, W^X in both places; what is not named is not mapped. */
struct stretch { uint64_t from, to; prot_t low, high; };

static void map_memory(struct boot_tables *t, const struct image_header *im, uint64_t top)
{
	uint64_t base = im->base;
	const struct stretch stretches[] = {
		{ RAM_BASE, (uintptr_t)boot_start, PROT_W, PROT_W },
		{ (uintptr_t)boot_start, (uintptr_t)boot_text_end, PROT_X, PROT_W },
		{ (uintptr_t)boot_text_end, im->text - base, PROT_W, PROT_W },
		{ im->text - base, im->rodata - base, 0, PROT_X },
		{ im->rodata - base, im->data - base, 0, 0 },
		{ im->data - base, top, PROT_W, PROT_W },
	};

	for (size_t i = 0; i < ARRAY_LEN(stretches); i++) {
		const struct stretch *s = &stretches[i];

		map(t, s->from, s->from, s->to - s->from, s->low);
		map(t, base + s->from, s->from, s->to - s->from, s->high | PROT_GLOBAL);
	}
}

/* Never executable: a speculative fetch from a device could pop its FIFO (B3.7.2). */
static void map_devices(struct boot_tables *t)
{
	static const struct { uint32_t va, pa, bytes; } devices[] = {
		{ UART_VA, UART_PA, PAGE_SIZE }, { GIC_DIST_VA, GIC_DIST_PA, PAGE_SIZE },
		{ GIC_CPU_VA, GIC_CPU_PA, 2 * PAGE_SIZE },
	};

	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		map(t, devices[i].va, devices[i].pa, devices[i].bytes, PROT_W | PROT_GLOBAL | CACHE_UC);
}

static void check_ram(const struct boot_info *info, uint64_t top)
{
	for (uint32_t i = 0; i < info->range_count; i++) {
		const struct boot_range *r = &info->range[i];

		if (r->type == BOOT_RANGE_RAM && r->base <= RAM_BASE && r->base + r->len >= top)
			return;
	}
	boot_stop("RAM must reach from %08x to %08llx and does not", RAM_BASE, (unsigned long long)top);
}

static void describe_mode(struct boot_tables *t, struct boot_info *info)
{
	bool lpae = info->format == BOOT_FORMAT_LPAE;

	info->pa_bits = ARM_PA_BITS;
	info->nx = info->pse = info->pge = info->wp = 1;
	t->mode = (struct pt_mode){
		.format = lpae ? &pt_lpae : &pt_short, .levels = lpae ? 3 : 2, .pa_bits = info->pa_bits,
		.nx = true, .pse = true, .pge = true, .wp = true, .afe = true, .pxn = true,
		.dacr = DACR_OPEN, .mair = lpae ? LPAE_MAIR : 0,
	};
}

void boot_build_tables(struct boot_tables *t, const struct image_header *im, struct boot_info *info)
{
	uint64_t top = ALIGN_UP(im->end - im->base, (uint64_t)BOOT_MAP_BYTES);
	unsigned root_level;
	paddr_t at;

	check_ram(info, top);
	describe_mode(t, info);
	root_level = t->mode.levels - 1u;
	t->env = (struct pt_env){ .ctx = t, .read = read_entry, .store = store_entry, .table_alloc = pool_table };
	t->pool_next = (uint32_t)(im->pool - im->base);
	t->pool_end = t->pool_next + (uint32_t)im->pool_bytes;
	t->space = (struct pt_space){ .mode = &t->mode, .env = &t->env };
	if (pool_table(t, pt_table_bytes(t->mode.format, root_level), &t->space.root) != OK)
		boot_stop("the image has no table pool");
	map_memory(t, im, top);
	map_devices(t);
	/* lpae: the fourth directory, under the root for every walker and under TTBR1 for the CPU. */
	if (pt_ensure(&t->space, DIRECT_MAP_BASE, 1, NULL, &at) != OK)
		boot_stop("the kernel's half has no directory");
	t->kernel_directory = (uint32_t)at.v;
	info->root = t->space.root.v;
	info->mapped = top - RAM_BASE;
	info->tables_used = t->pool_next - (im->pool - im->base);
}
