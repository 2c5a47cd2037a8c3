/* boot/x86/i386/format.c - which of the 32-bit kernel's two formats, and what the control registers must say for it.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "hw/x86/regs.h"
#include "lib/cmdline.h"

const char boot_format_names[] = "pae legacy";

const struct pt_format *boot_choose_format(struct boot_info *info)
{
	info->format = cmdline_is(info->cmdline, "paging", "legacy") ? BOOT_FORMAT_LEGACY : BOOT_FORMAT_PAE;
	if (info->format == BOOT_FORMAT_PAE && (info->flags & BOOT_NO_PAE)) {
		boot_print("boot: this CPU has no PAE: booting with legacy two-level tables\n");
		info->format = BOOT_FORMAT_LEGACY;
	}
	if (info->format == BOOT_FORMAT_PAE)
		return &pt_pae;
	info->nx = 0;
	return &pt_legacy;
}

void boot_switch_values(const struct boot_info *info, struct switch_args *args)
{
	/* PSE along with PAE: some emulators require it for 2 MiB pages. */
	args->cr4 = (info->format == BOOT_FORMAT_PAE ? CR4_PAE : 0) | (info->pse ? CR4_PSE : 0) |
	            (info->pge ? CR4_PGE : 0);
	args->efer = info->nx ? EFER_NXE : 0;
}
