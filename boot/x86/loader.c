/* boot/x86/loader.c - which loader it was, and the struct boot_info that its parser fills.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "boot/x86/multiboot.h"
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
		boot_print("boot: module %s is one too many, only %u are kept\n", name, BOOT_MAX_MODULES);
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
		boot_print("boot: the command line has %u characters, only the first %u count\n", (unsigned)n,
		           (unsigned)sizeof(info->cmdline) - 1);
}

/* GRUB 2 puts a backslash before each quote and each backslash of a word (lib/cmdline.c). */
static void undo_escapes(struct boot_info *info)
{
	char *to = info->cmdline;

	if (strncmp(info->loader_name, "GRUB ", 5))
		return;
	for (const char *from = info->cmdline; *from; from++) {
		if (*from == '\\' && from[1] && strchr("\\\"'", from[1]))
			from++;
		*to++ = *from;
	}
	*to = 0;
}

/* Into the room behind boot_info that the image keeps: the loader's copy lies in memory that will be handed out. */
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

void boot_parse_loader(uint32_t magic, uint32_t pointer, struct boot_info *info)
{
	if (magic == MB2_LOADER_MAGIC)
		boot_parse_multiboot2(pointer, info);
	/* Before multiboot 1: qboot, microvm's firmware, leaves that number in eax for a PVH image. No multiboot 1 flags
	 * can be PVH's number: it claims two kinds of symbol tables at once. */
	else if (boot_is_pvh(pointer))
		boot_parse_pvh(pointer, info);
	else if (magic == MB1_LOADER_MAGIC)
		boot_parse_multiboot1(pointer, info);
	else
		boot_stop("eax is %08x, neither multiboot 1 (%08x) nor multiboot 2 (%08x), and ebx is no PVH start: "
		          "start me with GRUB or with qemu -kernel", (unsigned)magic, MB1_LOADER_MAGIC,
		          MB2_LOADER_MAGIC);
	undo_escapes(info);
	if (!info->range_count)
		boot_stop("the loader gave no memory map");
}
