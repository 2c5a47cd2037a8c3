/* boot/x86/boot.h - what the files of the x86 boot stage share.
 * SPDX-License-Identifier: MIT
 *
 * The stage is an ELF32 for every x86 kernel. Its only output is a polled COM1.
 */
#pragma once
#include "boot/stage.h"
#include "boot/x86/stages.h"

/* console.c */
void boot_console_init(void);

/* loader.c: fills memory map, modules, command line and the rest of info by the loader's own parser; everything is
 * copied, because the loader's memory is reused later. */
void boot_parse_loader(uint32_t magic, uint32_t pointer, struct boot_info *info);
/* collect.c, for the parsers. Data that does not fit is counted (ranges) or reported on the console. */
void boot_add_range(struct boot_info *info, uint64_t base, uint64_t len, uint32_t type);
void boot_add_module(struct boot_info *info, uint64_t base, uint64_t len, const char *name);
void boot_set_cmdline(struct boot_info *info, const char *text);
void boot_set_rsdp(struct boot_info *info, const void *rsdp);
/* multiboot.c, pvh.c */
void boot_parse_multiboot1(uint32_t pointer, struct boot_info *info);
void boot_parse_multiboot2(uint32_t pointer, struct boot_info *info);
bool boot_is_pvh(uint32_t pointer);
void boot_parse_pvh(uint32_t pointer, struct boot_info *info);

/* cpu.c: CPUID, where there is one. */
void boot_probe_cpu(struct boot_info *info);
/* CPU features that only the boot stage uses. */
extern struct boot_cpu { bool cr4, efer, long_mode, la57, apic; } boot_cpu;

/* apic.c: LINT0 and LINT1 of the local APIC, where there is one. */
void boot_open_apic(void);

/* tables.c: an identity map and the kernel's half. */
void boot_build_tables(struct boot_tables *t, const struct image_header *h, struct boot_info *info,
                       const struct pt_format *format);

/* <width>/switch.S: CR4 and EFER, CR3, CR0, the jump. Every value was checked by the preflight. */
struct switch_args {
	uint32_t cr4, cr3, cr0;
	uint32_t efer;                      /* bits to set; 0 leaves EFER alone (the MSR may not exist) */
	uint64_t entry, info;               /* both at the kernel's address */
};
ASM_OFFSET(ARG_CR4, struct switch_args, cr4);
ASM_OFFSET(ARG_CR3, struct switch_args, cr3);
ASM_OFFSET(ARG_CR0, struct switch_args, cr0);
ASM_OFFSET(ARG_EFER, struct switch_args, efer);
ASM_OFFSET(ARG_ENTRY, struct switch_args, entry);
ASM_OFFSET(ARG_INFO, struct switch_args, info);
_Noreturn void mmu_switch(const struct switch_args *args);
/* Labels in switch.S: the instruction after the write to CR0, and the jump; the code between them that records the boot trace. */
extern const char mmu_enable_paging[], mmu_paging_on[], mmu_jump_high[];

/* <width>/format.c: sets info->format; prints a message if the selected format is not available. */
const struct pt_format *boot_choose_format(struct boot_info *info);
/* CR4 and EFER for it. */
void boot_switch_values(const struct boot_info *info, struct switch_args *args);

/* entry.S */
extern const char boot_gdt[], boot_gdt_pointer[];
