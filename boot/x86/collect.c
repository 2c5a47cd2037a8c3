/* boot/x86/collect.c - what the loaders' parsers fill struct boot_info with.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "lib/string.h"

#define RSDP_LENGTH 20      /* ACPI 6.4 table 5.3: offset of Length, of a revision above 1; before, 20 bytes are all */
#define RSDP_REVISION 15

void boot_add_range(struct boot_info *info, uint64_t base, uint64_t len, uint32_t type)
{
	if (info->range_count == BOOT_MAX_RANGES) {
		info->ranges_dropped++;
		return;
	}
	info->range[info->range_count++] = (struct boot_range){ .base = base, .len = len, .type = type };
}

void boot_add_module(struct boot_info *info, uint64_t base, uint64_t len, const char *name)
{
	struct boot_module *m;

	if (info->module_count == BOOT_MAX_MODULES) {
		boot_print("boot: module %s is ignored: at most %u modules are kept\n", name, BOOT_MAX_MODULES);
		return;
	}
	m = &info->module[info->module_count++];
	m->base = base;
	m->len = len;
	str_copy(m->name, name, sizeof(m->name));
}

void boot_set_cmdline(struct boot_info *info, const char *text)
{
	size_t n = str_copy(info->cmdline, text, sizeof(info->cmdline));

	if (n >= sizeof(info->cmdline))
		boot_print("boot: the command line has %u characters, only the first %u are used\n", (unsigned)n,
		           (unsigned)sizeof(info->cmdline) - 1);
}

/* Copied to the buffer after boot_info in the image: the loader's copy is in memory that will be reused. */
void boot_set_rsdp(struct boot_info *info, const void *rsdp)
{
	const uint8_t *from = rsdp;
	uint8_t *to = (uint8_t *)info + BOOT_INFO_BYTES - BOOT_RSDP_ROOM;
	uint32_t n = RSDP_LENGTH;

	if (from[RSDP_REVISION] > 1)
		memcpy(&n, from + RSDP_LENGTH, sizeof(n));
	if (n > BOOT_RSDP_ROOM)
		n = BOOT_RSDP_ROOM;
	memcpy(to, from, n);
	info->rsdp = (uintptr_t)to;
}
