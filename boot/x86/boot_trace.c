/* boot/x86/boot_trace.c - the control registers of the boot trace.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

void boot_control_words(const struct boot_info *info, uint64_t ctl[4])
{
	(void)info;
	x86_control_words(ctl, boot_cpu.cr4, boot_cpu.efer);
}
