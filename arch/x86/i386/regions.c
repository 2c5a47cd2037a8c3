/* arch/x86/i386/regions.c - the address space by name.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/x86.h"

#define COMMON \
	{ 0, USER_END - 1, REGION_USER, "user" }, \
	{ DIRECT_MAP_BASE, VMALLOC_START - 1, REGION_LOGICAL, "direct map" }, \
	{ VMALLOC_START, VMALLOC_END - 1, REGION_VIRTUAL, "vmalloc" }, \
	{ KMAP_START, KMAP_END - 1, REGION_VIRTUAL, "kmap windows" }, \
	{ DEVICE_START, DEVICE_END - 1, REGION_DEVICE, "device windows" }, \
	{ KSTACK_START, KSTACK_END - 1, REGION_VIRTUAL, "kernel stacks" }

static const struct region legacy[] = {
	COMMON,
	{ KSTACK_END, SELFMAP_LEGACY - 1, REGION_HOLE, "unused" },
	{ SELFMAP_LEGACY, UINT32_MAX, REGION_SELFMAP, "self-map" },
	{ 0 },
};

static const struct region pae[] = {
	COMMON,
	{ SELFMAP_PAE, UINT32_MAX, REGION_SELFMAP, "self-map" },
	{ 0 },
};

STATIC_ASSERT(the_direct_map_ends_where_vmalloc_begins, DIRECT_MAP_BASE + DIRECT_MAP_SIZE == VMALLOC_START);
STATIC_ASSERT(the_self_map_follows_the_stacks, KSTACK_END == SELFMAP_PAE);

const struct region *arch_regions(void)
{
	return boot_info.format == BOOT_FORMAT_PAE ? pae : legacy;
}

uint64_t arch_selfmap_base(void)
{
	return boot_info.format == BOOT_FORMAT_PAE ? SELFMAP_PAE : SELFMAP_LEGACY;
}
