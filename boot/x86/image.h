/* boot/x86/image.h - words of struct image_header and sizes that assembly needs; checked in kernel/main.c.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define IMAGE_MAGIC_WORD 0x454d4950
#define BOOT_INFO_BYTES  4096
