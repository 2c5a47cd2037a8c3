/* boot/x86/multiboot.h - what both multiboot specifications say; constants for C and assembly.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define BOOT_STACK_BYTES 8192

#define MB1_HEADER_MAGIC 0x1BADB002
#define MB1_FLAGS        0x00000003    /* modules on page boundaries, memory map wanted */
#define MB1_LOADER_MAGIC 0x2BADB002

#define MB1_INFO_CMDLINE 0x004
#define MB1_INFO_MODULES 0x008
#define MB1_INFO_MMAP    0x040
#define MB1_INFO_LOADER  0x200

#define MB2_HEADER_MAGIC    0xE85250D6
#define MB2_ARCH_I386       0
#define MB2_HEADER_TAG_END  0
#define MB2_HEADER_TAG_SIZE 8
#define MB2_LOADER_MAGIC    0x36D76289

#define MB2_TAG_END         0
#define MB2_TAG_CMDLINE     1
#define MB2_TAG_LOADER      2
#define MB2_TAG_MODULE      3
#define MB2_TAG_MMAP        6
#define MB2_TAG_FRAMEBUFFER 8
#define MB2_TAG_RSDP_V1     14
#define MB2_TAG_RSDP_V2     15
