/* boot/arm/boot.h - what the files of the ARM boot stage share.
 * SPDX-License-Identifier: MIT
 *
 * The stub in entry.S moves the image to where it is linked if the loader put it elsewhere. The stage's only output is
 * a polled PL011.
 */
#pragma once
#include "boot/stage.h"
#include "hw/arm/cp15.h"

/* What the first tables map is a multiple of it, from where RAM begins: the least RAM there can be. */
#define BOOT_MAP_BYTES (16u << 20)

/* console.c */
void boot_console_init(void);

/* What an ARM image says of itself beyond what every architecture's does. */
struct arm_image {
	struct image_header header;     /* size: of all of this */
	uint64_t stack_guard;           /* a page of the image that stays unmapped, below the kernel's first stack */
};

/* dtb.c: memory, command line, initrd, how to call the firmware. at may be 0: the tree is then looked for where RAM
 * begins. */
void boot_parse_dtb(uint32_t at, struct boot_info *info);

/* gic.c: which redistributor is that of this CPU; stops where the interrupt controller cannot be used. */
void boot_find_gic(struct boot_info *info);

/* cache.c: the lines that memory may have in the data cache, written back and forgotten. */
void boot_forget_lines(uint32_t from, uint32_t to);

/* tables.c: an identity map, the kernel's half, devices. */
void boot_build_tables(struct boot_tables *t, const struct arm_image *image, struct boot_info *info);
/* The kernel part's own directory of long descriptors: what TTBR1 gets. */
uint32_t boot_kernel_directory(const struct boot_tables *t);

/* switch.S: TTBCR, the memory types and DACR, TTBR0, SCTLR, the jump. Every value was checked by the preflight. */
struct switch_args {
	uint32_t ttbcr;
	uint32_t types[2];              /* PRRR and NMRR; lpae: MAIR0 and MAIR1 */
	uint32_t dacr;
	uint32_t ttbr0, ttbr0_high;     /* the upper words are used with TTBCR.EAE only */
	uint32_t ttbr1, ttbr1_high;
	uint32_t sctlr;
	uint32_t entry, info;           /* both at the kernel's address */
};
_Noreturn void mmu_switch(const struct switch_args *args);
/* Labels in switch.S: the write to SCTLR, the instruction after it, and the jump. */
extern const char mmu_enable[], mmu_paging_on[], mmu_jump_high[];

/* From boot/arm/boot.ld. */
extern const char boot_start[], boot_text_end[], boot_end[];
extern char boot_stack_bottom[], boot_stack_top[];
