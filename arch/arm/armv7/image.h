/* arch/arm/armv7/image.h - words of struct image_header and sizes that assembly needs; checked in arch/arm/mmu.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define IMAGE_MAGIC_WORD 0x454d4950
#define BOOT_INFO_BYTES  4096
#define GUARD_BYTES      4096       /* a page */
#define TABLE_POOL_ALIGN 16384      /* a root of short descriptors */
