/* arch/x86/x86_64/regions.c - the address space by name.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/x86.h"

#define SELFMAP_BYTES_X64  0x0000008000000000ull   /* one slot of the top table */
#define SELFMAP_BYTES_LA57 0x0001000000000000ull
/* Canonical: all bits above 47 (or 56) equal that bit (SDM vol. 1, 3.3.7.1). */
#define UPPER_HALF_X64     0xFFFF800000000000ull
#define LOWER_END_LA57     0x0100000000000000ull
#define UPPER_HALF_LA57    0xFF00000000000000ull

#define USER { 0, USER_END - 1, REGION_USER, "user" }
#define KERNEL(end_of_database) \
	{ DIRECT_MAP_BASE, DIRECT_MAP_BASE + DIRECT_MAP_SIZE - 1, REGION_LOGICAL, "direct map" }, \
	{ DIRECT_MAP_BASE + DIRECT_MAP_SIZE, VMALLOC_START - 1, REGION_HOLE, "unused" }, \
	{ VMALLOC_START, VMALLOC_END - 1, REGION_VIRTUAL, "vmalloc" }, \
	{ VMALLOC_END, FRAME_DB_BASE - 1, REGION_HOLE, "unused" }, \
	{ FRAME_DB_BASE, FRAME_DB_END - 1, REGION_VIRTUAL, "frame database" }, \
	{ FRAME_DB_END, (end_of_database) - 1, REGION_HOLE, "unused" }
#define TOP \
	{ KMAP_START, KMAP_END - 1, REGION_VIRTUAL, "kmap windows" }, \
	{ DEVICE_START, DEVICE_END - 1, REGION_DEVICE, "device windows" }, \
	{ KSTACK_START, KSTACK_END - 1, REGION_VIRTUAL, "kernel stacks" }, \
	{ KSTACK_END, IMAGE_BASE - 1, REGION_HOLE, "unused" }, \
	{ IMAGE_BASE, UINT64_MAX, REGION_LOGICAL, "kernel image" }

static const struct region four_levels[] = {
	USER,
	{ UPPER_HALF_X64, DIRECT_MAP_BASE - 1, REGION_HOLE, "unused" },
	KERNEL(SELFMAP_X64),
	{ SELFMAP_X64, SELFMAP_X64 + SELFMAP_BYTES_X64 - 1, REGION_SELFMAP, "self-map" },
	{ SELFMAP_X64 + SELFMAP_BYTES_X64, KMAP_START - 1, REGION_HOLE, "unused" },
	TOP,
	{ 0 },
};

static const struct region five_levels[] = {
	USER,
	{ USER_END, LOWER_END_LA57 - 1, REGION_HOLE, "unused" },
	{ UPPER_HALF_LA57, SELFMAP_LA57 - 1, REGION_HOLE, "unused" },
	{ SELFMAP_LA57, SELFMAP_LA57 + SELFMAP_BYTES_LA57 - 1, REGION_SELFMAP, "self-map" },
	{ SELFMAP_LA57 + SELFMAP_BYTES_LA57, DIRECT_MAP_BASE - 1, REGION_HOLE, "unused" },
	KERNEL(KMAP_START),
	TOP,
	{ 0 },
};

const struct region *arch_regions(void)
{
	return boot_info.format == BOOT_FORMAT_LA57 ? five_levels : four_levels;
}

uint64_t arch_selfmap_base(void)
{
	return boot_info.format == BOOT_FORMAT_LA57 ? SELFMAP_LA57 : SELFMAP_X64;
}
