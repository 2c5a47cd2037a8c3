/* boot/x86/boot.h - what the files of the x86 boot stage share.
 * SPDX-License-Identifier: MIT
 *
 * The stage runs untranslated, linked at its physical address, and is an ELF32 for every x86
 * kernel. It has no heap and no interrupts; its only output is a polled COM1.
 */
#pragma once
#include "boot/boot_info.h"
#include "kernel/out.h"
#include "mm/pt/walk.h"

/* console.c */
extern struct out boot_out;
void boot_console_init(void);
#define boot_print(...) out_printf(&boot_out, __VA_ARGS__)
/* "boot: ..." on the console, the record marked as ended on purpose, then halt for ever. */
_Noreturn void boot_stop(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* multiboot.c: fills memory map, modules, command line and the rest of info. */
void boot_parse_loader(uint32_t magic, uint32_t pointer, struct boot_info *info);

/* cpu.c: CPUID, where there is one. */
void boot_probe_cpu(struct boot_info *info);

/* tables.c: the first tables; space describes them afterwards. */
struct boot_tables {
	struct pt_mode mode;
	struct pt_env env;
	struct pt_space space;
	uint32_t pool_next, pool_end;   /* physical */
};
void boot_build_tables(struct boot_tables *t, const struct image_header *image, struct boot_info *info);

/* seed.c: break=NAME on the command line puts one mistake into the tables. */
void boot_seed_mistake(struct boot_tables *t, const struct image_header *image, struct boot_info *info);

/* preflight.c: returns the number of accesses that would fault, each printed. */
unsigned boot_preflight(const struct boot_tables *t, const struct image_header *image,
                        const struct boot_info *info);

/* story.c: C and assembly note each stage as it is reached. */
void story_begin(struct boot_info *info);
void story_note(uint32_t stage);

/* switch.S: CR4 and EFER, CR3, CR0, the jump. Every value was checked by the preflight. */
struct switch_args {
	uint32_t cr4, cr3, cr0, efer_nxe;   /* efer_nxe: 0 leaves EFER alone (the MSR may not exist) */
	uint32_t entry, info;               /* both at the kernel's address */
};
_Noreturn void mmu_switch(const struct switch_args *args);
/* Labels in switch.S: the instruction after the write to CR0, and the jump. */
extern const char mmu_enable_paging[], mmu_paging_on[], mmu_jump_high[];

/* From boot/x86/boot.ld. */
extern const char boot_start[], boot_text_end[], boot_end[];
extern char boot_stack_bottom[], boot_stack_top[];
