/* boot/x86/image.h - words of struct x86_image and sizes that assembly needs; checked by the boot stage.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define IMAGE_MAGIC_WORD 0x454d4950
#define BOOT_INFO_BYTES  4096
#define PAGE_BYTES       4096
