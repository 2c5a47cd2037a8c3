/* mm/space/device.c - permanent kernel addresses of device registers.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/device.h"
#include "arch/mmu.h"
#include "lib/string.h"
#include "mm/space/aspace.h"

/* Start of the windows that are not used yet; windows are never freed. */
static uint64_t device_next = DEVICE_START;

err_t device_map(paddr_t pa, size_t bytes, void **out)
{
	uint64_t offset = pa.v & PAGE_MASK, len = ALIGN_UP(offset + bytes, (uint64_t)PAGE_SIZE);
	prot_t prot = PROT_R | PROT_W | PROT_GLOBAL | PROT_ACCESSED | PROT_DIRTY | CACHE_UC;
	err_t err;

	if (bytes == 0 || pa.v + bytes < pa.v)
		return ERR_RANGE;
	if (len > (uint64_t)DEVICE_END - device_next)
		return ERR_NO_MEMORY;
	err = pt_map(&kernel_aspace.space, device_next, PADDR(pa.v - offset), len, prot, 0, &(struct pt_change){ .why = "device" });
	if (err != OK)
		return err;
	*out = (void *)(uintptr_t)(device_next + offset);
	/* An unmapped page follows each window: an access past its end faults. */
	device_next = device_next + len + PAGE_SIZE < DEVICE_END ? device_next + len + PAGE_SIZE : DEVICE_END;
	return OK;
}
