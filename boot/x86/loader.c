/* boot/x86/loader.c - which loader it was, and the struct boot_info that its parser fills.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "boot/x86/multiboot.h"
#include "lib/string.h"

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
		boot_stop("the loader supplied no memory map");
}
