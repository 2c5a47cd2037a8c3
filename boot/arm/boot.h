/* boot/arm/boot.h - what the files of the ARM boot stage share.
 * SPDX-License-Identifier: MIT
 *
 * The stage runs untranslated, linked at its physical address; the stub in entry.S moves the image there if the
 * loader put it elsewhere. It has no heap and no interrupts; its only output is a polled PL011.
 */
#pragma once
#include "arch/arm/cp15.h"
#include "boot/boot_info.h"
#include "kernel/out.h"
#include "mm/pt/walk.h"

/* console.c */
extern struct out boot_out;
void boot_console_init(void);
#define boot_print(...) out_printf(&boot_out, __VA_ARGS__)
/* "boot: ..." on the console, the record marked as ended on purpose, then sleep for ever. */
_Noreturn void boot_stop(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* dtb.c: memory, command line, initrd, how to call the firmware. at may be 0: the tree is then looked for where RAM
 * begins. */
void boot_parse_dtb(uint32_t at, struct boot_info *info);

/* cache.c: the lines that memory may have in the data cache, written back and forgotten. */
void boot_forget_lines(uint32_t from, uint32_t to);

/* tables.c: the first tables; space describes them afterwards. */
struct boot_tables {
	struct pt_mode mode;
	struct pt_env env;
	struct pt_space space;
	uint32_t pool_next, pool_end;   /* physical */
	uint32_t kernel_directory;      /* lpae: what TTBR1 gets */
};
void boot_build_tables(struct boot_tables *t, const struct image_header *image, struct boot_info *info);

/* seed.c: break=NAME on the command line puts one mistake into the tables. */
void boot_seed_mistake(struct boot_tables *t, const struct image_header *image, struct boot_info *info);

/* preflight.c: returns the number of accesses that would fault, each printed. */
unsigned boot_preflight(const struct boot_tables *t, const struct image_header *image, const struct boot_info *info);

/* story.c: C and assembly note each stage as it is reached. */
void story_begin(struct boot_info *info);
void story_note(uint32_t stage);

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
