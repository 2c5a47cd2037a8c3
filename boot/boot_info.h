/* boot/boot_info.h - struct boot_info: the data that the boot stage passes to kmain().
 * SPDX-License-Identifier: MIT
 *
 * Fixed-width fields only: on x86_64 a 32-bit boot stage writes what a 64-bit kernel reads.
 */
#pragma once
#include "boot/image.h"
#include "lib/assert.h"
#include <stddef.h>
#include <stdint.h>

#define BOOT_INFO_MAGIC  0x4e525450u   /* "PTRN" */
#define BOOT_MAX_RANGES  64
#define BOOT_MAX_MODULES 8
#define BOOT_MAX_STEPS   16
#define BOOT_CMDLINE     512

/* One range of the firmware's memory map, unchanged. */
struct boot_range {
	uint64_t base, len;
	uint32_t type;        /* BOOT_RANGE_RAM is usable; anything else is not */
	uint32_t reserved;
};
enum { BOOT_RANGE_RAM = 1, BOOT_RANGE_RESERVED = 2, BOOT_RANGE_ACPI = 3, BOOT_RANGE_NVS = 4, BOOT_RANGE_BAD = 5 };

struct boot_module {
	uint64_t base, len;
	char name[48];
};

/* The stages of a boot, in order. The last one reached survives a reset (boot/record.h). */
enum boot_stage {
	STAGE_NONE,
	STAGE_ENTRY,          /* first instruction after the loader, translation off */
	STAGE_TABLES,         /* the first page tables are complete */
	STAGE_PREFLIGHT,      /* the tables were checked, or preflight=off */
	STAGE_CONTROL,        /* the paging format is chosen */
	STAGE_ROOT,           /* the root is loaded */
	STAGE_PAGING,         /* translation is on, fetching through the identity map */
	STAGE_HIGH,           /* the first instruction at the address the kernel is linked for */
	STAGE_STACK,          /* on the kernel's own stack */
	STAGE_TRAPS,          /* descriptor tables and trap handlers are installed */
	STAGE_MEMORY,         /* frames, heap and address spaces are ready */
	STAGE_IDENTITY,       /* the identity map is removed, or kept on request */
	STAGE_SHELL,          /* the prompt */
	STAGE_END,            /* powered off: poweroff, reboot, a refused boot */
	STAGE_COUNT
};

/* One line of the boot trace that `mmu` prints, recorded at that moment. */
struct boot_step {
	uint32_t stage;
	uint32_t reserved;
	uint64_t pc, sp;
	uint64_t ctl[4];      /* the registers that the CPU family's row names (isa/isa.h: boot_words) */
};

struct boot_info {
	uint32_t magic;
	uint32_t size;              /* sizeof: both builds must have the same struct */
	uint32_t loader;            /* enum boot_loader */
	uint32_t flags;             /* BOOT_* */
	uint64_t root;              /* physical address of the root table */
	uint64_t mapped;            /* bytes from PA 0 that the first tables map at the kernel's base */
	uint64_t tables_used;       /* used bytes of the image's table pool */
	uint32_t format;            /* enum boot_format */
	uint8_t pa_bits, nx, pse, pge;
	uint8_t gib_pages, wp, tsc, cpuid;
	uint32_t range_count, module_count, step_count;
	uint32_t last_stage;        /* enum boot_stage in which the previous boot failed; STAGE_NONE: it did not */
	uint32_t reserved;          /* aligns the next members to 8 bytes on i386 too */
	uint64_t rsdp;              /* physical address of a copy of the ACPI root pointer; 0: none */
	uint64_t framebuffer;       /* 0: none or text */
	uint32_t fb_width, fb_height, fb_pitch, fb_bpp;
	uint64_t ranges_dropped;    /* firmware ranges beyond BOOT_MAX_RANGES */
	char loader_name[32];
	char cmdline[BOOT_CMDLINE];
	struct boot_range range[BOOT_MAX_RANGES];
	struct boot_module module[BOOT_MAX_MODULES];
	struct boot_step step[BOOT_MAX_STEPS];
	uint64_t image_pa;          /* where the image begins in memory: the boot stage's first byte */
	uint64_t loaded_pa;         /* load address, before the image moved to image_pa; 0: the same */
	/* ARM: the interrupt controller. Its version, 0 where the device tree names none that is known; physical addresses
	 * of the distributor and of the CPU interface. Version 3: of the redistributors, and from boot_find_gic() on of the
	 * one of the CPU that boots. */
	uint32_t gic_version, reserved2;
	uint64_t gic_dist, gic_cpu, gic_cpu_bytes;
};
enum boot_loader { LOADER_MULTIBOOT1 = 1, LOADER_MULTIBOOT2, LOADER_PVH, LOADER_DTB };
enum {
	BOOT_KEEP_IDENTITY = 1u << 0,
	BOOT_NO_PREFLIGHT = 1u << 1,
	BOOT_NO_PAE = 1u << 2,       /* pae was selected, but the CPU does not have it */
	BOOT_PSCI_SMC = 1u << 3,     /* the firmware is called by SMC, not HVC */
	BOOT_NAMES_FILE = 1u << 4,   /* the command line's first word is the kernel's file */
};
enum boot_format { BOOT_FORMAT_LEGACY, BOOT_FORMAT_PAE, BOOT_FORMAT_X64, BOOT_FORMAT_LA57, BOOT_FORMAT_SHORT, BOOT_FORMAT_LPAE };

STATIC_ASSERT(boot_step_is_the_same_in_32_and_64_bits, sizeof(struct boot_step) == 56);
STATIC_ASSERT(boot_info_ranges_offset_agrees, offsetof(struct boot_info, range) == 656);

/* A copy of the ACPI root pointer is in the last bytes of the memory that assembly reserves for struct boot_info. */
#define BOOT_RSDP_ROOM 64
STATIC_ASSERT(boot_info_has_the_room_that_assembly_gives_it,
              sizeof(struct boot_info) + BOOT_RSDP_ROOM <= BOOT_INFO_BYTES);

/* What the kernel image says about itself to the boot stage: at the page after the boot blob.
 * Written in assembly (boot/image.h), for its words are link-time addresses. All are virtual addresses;
 * physical = virtual - base + load address 0. */
struct image_header {
	uint32_t magic;             /* IMAGE_MAGIC */
	uint32_t size;              /* HEADER_BYTES */
	uint64_t base;              /* virtual address of physical 0: C0000000 */
	uint64_t text, rodata, data, end;   /* page-aligned starts of the sections, and their end */
	uint64_t entry;             /* first instruction at the high address */
	uint64_t stack_top;
	uint64_t boot_info;         /* where struct boot_info goes */
	uint64_t pool, pool_bytes;  /* zeroed pages for the first tables */
	uint64_t selfmap[2];        /* where the self-map goes: [0] legacy, [1] PAE */
	uint64_t direct;            /* the direct map's address of physical 0; base where the image lies in that */
	uint64_t stack_guard;       /* a page of the image that stays unmapped, below the kernel's first stack */
};

ASM_OFFSET(HEADER_MAGIC, struct image_header, magic);
ASM_OFFSET(HEADER_SIZE, struct image_header, size);
ASM_OFFSET(HEADER_BASE, struct image_header, base);
ASM_OFFSET(HEADER_TEXT, struct image_header, text);
ASM_OFFSET(HEADER_RODATA, struct image_header, rodata);
ASM_OFFSET(HEADER_DATA, struct image_header, data);
ASM_OFFSET(HEADER_END, struct image_header, end);
ASM_OFFSET(HEADER_ENTRY, struct image_header, entry);
ASM_OFFSET(HEADER_STACK_TOP, struct image_header, stack_top);
ASM_OFFSET(HEADER_BOOT_INFO, struct image_header, boot_info);
ASM_OFFSET(HEADER_POOL, struct image_header, pool);
ASM_OFFSET(HEADER_POOL_BYTES, struct image_header, pool_bytes);
ASM_OFFSET(HEADER_SELFMAP, struct image_header, selfmap);
ASM_OFFSET(HEADER_DIRECT, struct image_header, direct);
ASM_OFFSET(HEADER_STACK_GUARD, struct image_header, stack_guard);
ASM_SIZE(HEADER_BYTES, struct image_header);
