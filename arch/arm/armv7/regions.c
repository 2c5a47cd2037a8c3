/* arch/arm/armv7/regions.c - the address space by name.
 * SPDX-License-Identifier: MIT
 */
#include "arch/mmu.h"
#include "lib/assert.h"

static const struct region regions[] = {
	{ 0, USER_END - 1, REGION_USER, "user" },
	{ DIRECT_MAP_BASE, VMALLOC_START - 1, REGION_LOGICAL, "direct map" },
	{ VMALLOC_START, VMALLOC_END - 1, REGION_VIRTUAL, "vmalloc" },
	{ KMAP_START, KMAP_END - 1, REGION_VIRTUAL, "kmap windows" },
	{ DEVICE_START, DEVICE_END - 1, REGION_DEVICE, "device windows" },
	{ KSTACK_START, KSTACK_END - 1, REGION_VIRTUAL, "kernel stacks" },
	{ KSTACK_END, UART_VA - 1, REGION_HOLE, "unused" },
	{ UART_VA, BOOT_DEVICE_END - 1, REGION_DEVICE, "boot devices" },
	{ BOOT_DEVICE_END, UINT32_MAX, REGION_HOLE, "unused" },
	{ 0 },
};

STATIC_ASSERT(the_direct_map_ends_where_vmalloc_begins, DIRECT_MAP_BASE + DIRECT_MAP_SIZE == VMALLOC_START);

const struct region *arch_regions(void)
{
	return regions;
}
