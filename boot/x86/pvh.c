/* boot/x86/pvh.c - what `qemu -kernel` leaves for a 64-bit image, as a struct boot_info.
 * SPDX-License-Identifier: MIT
 *
 * Xen's x86/HVM direct boot ABI (xen/include/public/arch-x86/hvm/start_info.h): ebx points to this, eax says nothing.
 */
#include "boot/x86/boot.h"
#include "lib/string.h"

#define PVH_MAGIC 0x336EC578u
#define PVH_HAS_MEMMAP 1

struct pvh_start {
	uint32_t magic, version, flags, module_count;
	uint64_t modules, cmdline, rsdp;
	uint64_t memmap;              /* from version 1 on */
	uint32_t memmap_entries, reserved;
};
struct pvh_module { uint64_t base, len, cmdline, reserved; };
struct pvh_range { uint64_t base, len; uint32_t type, reserved; };

static const void *at(uint64_t pa) { return (const void *)(uintptr_t)pa; }

bool boot_is_pvh(uint32_t pointer)
{
	const struct pvh_start *start = at(pointer);

	return pointer && start->magic == PVH_MAGIC;
}

void boot_parse_pvh(uint32_t pointer, struct boot_info *info)
{
	const struct pvh_start *start = at(pointer);
	const struct pvh_module *m = at(start->modules);
	const struct pvh_range *r = at(start->memmap);

	info->loader = LOADER_PVH;
	str_copy(info->loader_name, "PVH", sizeof(info->loader_name));
	if (start->cmdline)
		boot_set_cmdline(info, at(start->cmdline));
	if (start->rsdp)
		boot_set_rsdp(info, at(start->rsdp));
	for (uint32_t i = 0; i < start->module_count; i++)
		boot_add_module(info, m[i].base, m[i].len, m[i].cmdline ? at(m[i].cmdline) : "");
	for (uint32_t i = 0; start->version >= PVH_HAS_MEMMAP && i < start->memmap_entries; i++)
		boot_add_range(info, r[i].base, r[i].len, r[i].type);
}
