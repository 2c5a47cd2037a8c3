/* boot/arm/boot_trace.c - the control registers of the boot trace.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/boot.h"

void boot_control_words(const struct boot_info *info, uint64_t ctl[4])
{
	(void)info;
	arm_control_words(ctl);
}
