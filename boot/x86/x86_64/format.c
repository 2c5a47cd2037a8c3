/* boot/x86/x86_64/format.c - four levels or five, and what the control registers must say for them.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "hw/x86/regs.h"
#include "lib/cmdline.h"

const char boot_format_names[] = "x64 la57";

const struct pt_format *boot_choose_format(struct boot_info *info)
{
	bool five = cmdline_is(info->cmdline, "paging", "la57");

	if (!boot_cpu.long_mode)
		boot_stop("this CPU has no 64-bit mode; the i386 image runs on it");
	if (five && !boot_cpu.la57) {
		boot_print("boot: this CPU has no five-level paging: booting with four levels\n");
		five = false;
	}
	info->format = five ? BOOT_FORMAT_LA57 : BOOT_FORMAT_X64;
	return five ? &pt_la57 : &pt_x64;
}

void boot_switch_values(const struct boot_info *info, struct switch_args *args)
{
	/* LA57 can only be set while paging is off. */
	args->cr4 = CR4_PAE | CR4_PSE | (info->pge ? CR4_PGE : 0) | (info->format == BOOT_FORMAT_LA57 ? CR4_LA57 : 0);
	args->efer = EFER_LME | (info->nx ? EFER_NXE : 0);
}
