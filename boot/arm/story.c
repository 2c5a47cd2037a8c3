/* boot/arm/story.c - the control registers that the story shows.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/boot.h"

void boot_control_words(const struct boot_info *info, uint64_t ctl[4])
{
	(void)info;
	ctl[0] = read_sctlr();
	ctl[2] = read_ttbcr();
	/* EAE, once it is set, says how wide the register is. */
	ctl[1] = ctl[2] & TTBCR_EAE ? read_ttbr0_64() : read_ttbr0();
	ctl[3] = read_dacr();
}
