/* boot/x86/i386/multiboot1.S - the header for `qemu -kernel`, which takes ELF32 images by it alone.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/multiboot.h"

	.section .multiboot, "a"

/* Magic, flags, checksum: specification 0.6.96, 3.1. */
	.balign 4
	.long	MB1_HEADER_MAGIC
	.long	MB1_FLAGS
	.long	-(MB1_HEADER_MAGIC + MB1_FLAGS)
