/* boot/x86/story.c - the control registers that the story shows.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

void boot_control_words(const struct boot_info *info, uint64_t ctl[4])
{
	(void)info;
	ctl[0] = read_cr0();
	ctl[1] = read_cr3();
	ctl[2] = boot_cpu.cr4 ? read_cr4() : 0;
	ctl[3] = boot_cpu.efer ? rdmsr(MSR_EFER) : 0;
}
