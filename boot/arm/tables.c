/* boot/arm/tables.c - the first tables: an identity map, the kernel's half, devices.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/boot.h"
#include "hw/arm/gic_regs.h"
#include "hw/arm/virt_regs.h"
#include "arch_layout.h"

/* Never executable: a speculative fetch from a device could pop its FIFO (B3.7.2). */
static void map_devices(struct boot_tables *t, const struct boot_info *info)
{
	bool v3 = info->gic_version >= 3;
	const struct { uint32_t va; uint64_t pa; uint32_t bytes; } devices[] = {
		{ UART_VA, UART_PA, PAGE_SIZE }, { GIC_DIST_VA, info->gic_dist, PAGE_SIZE },
		{ GIC_CPU_VA, info->gic_cpu, PAGE_SIZE },
		{ GIC_SGI_VA, info->gic_cpu + (v3 ? GICR_SGI_FRAME : PAGE_SIZE), PAGE_SIZE },
		{ GIC_ROUTE_VA, info->gic_dist + GICD_IROUTER, v3 ? PAGE_SIZE : 0 },
		{ VIRTIO_VA, VIRTIO_PA, VIRTIO_SLOTS * VIRTIO_SLOT_BYTES },
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

void boot_build_tables(struct boot_tables *t, const struct image_header *h, struct boot_info *info)
{
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
	boot_map_image(t, h, RAM_BASE, top);
	map_devices(t, info);
	boot_tables_done(t, h, top - RAM_BASE, info);
}
