/* boot/arm/tables.c - the first tables: an identity map, the kernel's half, devices.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/boot.h"
#include "hw/arm/gic_regs.h"
#include "hw/arm/virt_regs.h"
#include "arch_layout.h"

/* Physical addresses with the same rights, W^X in both places together; what is not named is not mapped. */
struct stretch { uint64_t from, to; prot_t low, high; bool hole; };

static void map_memory(struct boot_tables *t, const struct arm_image *im, uint64_t top)
{
	const struct image_header *h = &im->header;
	uint64_t base = h->base, text = (uintptr_t)boot_text_end, guard = im->stack_guard - base;
	const struct stretch stretches[] = {
		{ RAM_BASE, (uintptr_t)boot_start, PROT_W, PROT_W, false },
		{ (uintptr_t)boot_start, text, PROT_X, 0, false },
		{ text, (uintptr_t)boot_end, PROT_W, PROT_W, false },
		{ (uintptr_t)boot_end, h->text - base, 0, 0, false },    /* the image's header */
		{ h->text - base, h->rodata - base, 0, PROT_X, false },
		{ h->rodata - base, h->data - base, 0, 0, false },
		{ h->data - base, guard, PROT_W, PROT_W, false },
		{ guard, guard + PAGE_SIZE, 0, 0, true },
		{ guard + PAGE_SIZE, top, PROT_W, PROT_W, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(stretches); i++) {
		const struct stretch *s = &stretches[i];

		if (s->hole)
			continue;
		boot_map(t, s->from, s->from, s->to - s->from, s->low);
		boot_map(t, base + s->from, s->from, s->to - s->from, s->high | PROT_GLOBAL);
	}
}

/* Never executable: a speculative fetch from a device could pop its FIFO (B3.7.2). */
static void map_devices(struct boot_tables *t, const struct boot_info *info)
{
	bool v3 = info->gic_version >= 3;
	const struct { uint32_t va; uint64_t pa; uint32_t bytes; } devices[] = {
		{ UART_VA, UART_PA, PAGE_SIZE }, { GIC_DIST_VA, info->gic_dist, PAGE_SIZE },
		{ GIC_CPU_VA, info->gic_cpu, PAGE_SIZE },
		{ GIC_SGI_VA, info->gic_cpu + (v3 ? GICR_SGI_FRAME : PAGE_SIZE), PAGE_SIZE },
		{ GIC_ROUTE_VA, info->gic_dist + GICD_IROUTER, v3 ? PAGE_SIZE : 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(devices); i++)
		boot_map(t, devices[i].va, devices[i].pa, devices[i].bytes, PROT_W | PROT_GLOBAL | CACHE_UC);
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

uint32_t boot_kernel_directory(const struct boot_tables *t)
{
	paddr_t at;

	/* The place of the first entry in it: under the root's fourth entry for every walker. */
	if (pt_ensure(&t->space, DIRECT_MAP_BASE, 1, NULL, &at) != OK)
		boot_stop("the kernel's half has no directory");
	return (uint32_t)at.v;
}

void boot_build_tables(struct boot_tables *t, const struct arm_image *im, struct boot_info *info)
{
	const struct image_header *h = &im->header;
	uint64_t top = ALIGN_UP(h->end - h->base, (uint64_t)BOOT_MAP_BYTES);
	bool lpae = info->format == BOOT_FORMAT_LPAE;
	const struct pt_mode mode = {
		.format = lpae ? &pt_lpae : &pt_short, .levels = lpae ? 3 : 2, .pa_bits = ARM_PA_BITS,
		.nx = true, .pse = true, .pge = true, .wp = true, .afe = true, .pxn = true,
		.dacr = DACR_OPEN, .mair = lpae ? LPAE_MAIR : 0,
	};

	check_ram(info, top);
	info->pa_bits = ARM_PA_BITS;
	info->nx = info->pse = info->pge = info->wp = 1;
	boot_tables_begin(t, &mode, h->pool - h->base, h->pool_bytes);
	map_memory(t, im, top);
	map_devices(t, info);
	boot_tables_done(t, h, top - RAM_BASE, info);
}
