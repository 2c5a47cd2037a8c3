/* mm/phys/direct.c - converts between direct-map and physical addresses.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/direct.h"
#include "arch/mmu.h"

void *phys_to_virt(paddr_t pa)
{
	return (void *)(uintptr_t)(DIRECT_MAP_BASE + (uintptr_t)(pa.v - DIRECT_MAP_PHYS));
}

paddr_t virt_to_phys(const void *va)
{
	return PADDR((uintptr_t)va - DIRECT_MAP_BASE + DIRECT_MAP_PHYS);
}
