/* boot/arm/boot.h - what the files of the ARM boot stage share.
 * SPDX-License-Identifier: MIT
 *
 * The stub in entry.S moves the image to where it is linked if the loader put it elsewhere. The stage's only output is
 * a polled PL011.
 */
#pragma once
#include "boot/arm/stages.h"
#include "boot/stage.h"
#include "hw/arm/cp15.h"

/* What the first tables map is a multiple of it, from where RAM begins: the least RAM there can be. */
#define BOOT_MAP_BYTES (16u << 20)

/* console.c */
void boot_console_init(void);

/* dtb.c: memory, command line, initrd, how to call the firmware. at may be 0: the tree is then looked for where RAM
 * begins. */
void boot_parse_dtb(uint32_t at, struct boot_info *info);

/* gic.c: which redistributor is that of this CPU; stops where the interrupt controller cannot be used. */
void boot_find_gic(struct boot_info *info);

/* cache.c: the lines that memory may have in the data cache, written back and forgotten. */
void boot_forget_lines(uint32_t from, uint32_t to);

/* tables.c: an identity map, the kernel's half, devices. */
void boot_build_tables(struct boot_tables *t, const struct image_header *h, struct boot_info *info);
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
ASM_OFFSET(ARG_TTBCR, struct switch_args, ttbcr);
ASM_OFFSET(ARG_TYPES, struct switch_args, types);
ASM_OFFSET(ARG_DACR, struct switch_args, dacr);
ASM_OFFSET(ARG_TTBR0, struct switch_args, ttbr0);
ASM_OFFSET(ARG_TTBR0 + 4, struct switch_args, ttbr0_high);     /* LDRD takes both */
ASM_OFFSET(ARG_TTBR1, struct switch_args, ttbr1);
ASM_OFFSET(ARG_TTBR1 + 4, struct switch_args, ttbr1_high);
ASM_OFFSET(ARG_SCTLR, struct switch_args, sctlr);
ASM_OFFSET(ARG_ENTRY, struct switch_args, entry);
ASM_OFFSET(ARG_INFO, struct switch_args, info);
_Noreturn void mmu_switch(const struct switch_args *args);
/* Labels in switch.S: the write to SCTLR, the instruction after it, and the jump. */
extern const char mmu_enable[], mmu_paging_on[], mmu_jump_high[];
