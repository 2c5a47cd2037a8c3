/* arch/none/entry.c - the first C at the kernel's own address, and what the image says of itself.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "arch/none/none.h"

_Noreturn void kmain(struct boot_info *info);

/* By linker/none.ld. */
extern const char text_start[], rodata_start[], data_start[], image_end[];

/* In assembly this is the first instruction, and sets the stack pointer. */
_Noreturn void kernel_entry(struct boot_info *info);
_Noreturn __attribute__((section(".text.entry"))) void kernel_entry(struct boot_info *info)
{
	kmain(info);
}

#define IN_PAGES __attribute__((aligned(4096)))

struct boot_info boot_info IN_PAGES;
static char table_pool[TABLE_POOL_BYTES] IN_PAGES;
/* The guard stays unmapped: a stack that is too deep faults. */
static struct { char guard[4096], stack[KERNEL_STACK_BYTES]; } first IN_PAGES;

/* Where an address is wider than a word of the object file, boot/image.h writes it in assembly. */
const struct image_header image_header __attribute__((section(".header"), used)) = {
	.magic = IMAGE_MAGIC, .size = HEADER_BYTES, .base = IMAGE_BASE, .direct = DIRECT_MAP_BASE,
	.text = (uintptr_t)text_start, .rodata = (uintptr_t)rodata_start, .data = (uintptr_t)data_start,
	.end = (uintptr_t)image_end, .entry = (uintptr_t)kernel_entry, .stack_guard = (uintptr_t)first.guard,
	.stack_top = (uintptr_t)(first.stack + KERNEL_STACK_BYTES), .boot_info = (uintptr_t)&boot_info,
	.pool = (uintptr_t)table_pool, .pool_bytes = sizeof(table_pool),
};

/* What only assembly calls, in a port that runs. */
__attribute__((used)) static void (*const entries[])(struct trap_frame *f) = { none_enter };
