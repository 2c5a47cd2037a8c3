/* arch/mmu.h - contract of a port: paging mode, root, TLB flushes, stores to page tables.
 * SPDX-License-Identifier: MIT
 *
 * arch_layout.h is the architecture's own (the build adds its directory): constants for C and assembly that
 * every port defines:
 *
 *   DIRECT_MAP_BASE DIRECT_MAP_SIZE    kernel logical addresses: physical DIRECT_MAP_PHYS + offset
 *   DIRECT_MAP_PHYS                    the physical address that DIRECT_MAP_BASE shows (x86 0, ARM virt 40000000)
 *   DEVICE_PHYS                        a physical page that is no RAM, where looking does no harm: for examples
 *   USER_END                           one past the last user address
 *   USER_PEB USER_STACK_TOP USER_MMAP  the PEB's page, one past the first stack page, where mmap begins to look
 *   USER_ELF_MACHINE                   e_machine of this CPU's programs
 *   USER_ENTRY_ALIGN                   of their first instruction
 *   VMALLOC_START VMALLOC_END          kernel virtual addresses, synced lazily by fault (END: one past)
 *   KMAP_START KMAP_END                windows for frames above the direct map
 *   DEVICE_START DEVICE_END            windows for device registers
 *   KSTACK_START KSTACK_END            kernel stacks with guard pages; present in every root
 *   FRAME_DB_BASE                      where frame 0's record would stand; 0: the records are in the direct map
 *   KERNEL_STACK_BYTES                 of the boot processor's first stack
 *   BOOT_RECORD_PA                     RAM that a reset leaves alone, outside the image: boot/record.h
 *
 * arch_mmu.h is, too: it defines what is declared inline here, because every fault passes there.
 */
#pragma once
#include "arch_layout.h"
#include "lib/region.h"
#include "paging/format.h"

/* Link addresses of the parts of the image (boot/boot_info.h). */
struct image_header;
extern const struct image_header image_header;

/* The enabled paging features; constant after boot, except in tests that change WP or NX. */
struct pt_mode *arch_pt_mode(void);
/* Start of the self-map; 0: the format has none. */
uint64_t arch_selfmap_base(void);

/* Loads a root; flushes every TLB entry that is not global. */
void arch_mmu_load_root(paddr_t root);
paddr_t arch_mmu_root(void);
static inline void arch_tlb_flush_page(vaddr_t va);
/* Flushes all TLB entries, global ones included. */
void arch_tlb_flush_all(void);
/* Stores one entry of 4 or 8 bytes so that the table walker never sees a mixture of old and new as present (PAE on i386: clear
 * low, set high, set low), followed by the barrier that the architecture requires. */
static inline void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new);

/* Stores `count` consecutive entries from `new`; NULL: zeroes. */
void arch_entries_store(void *at, unsigned bytes, const void *new, unsigned count);

/* The fastest way to fill and to copy one page; both page-aligned. */
void arch_page_zero(void *page);
void arch_page_copy(void *to, const void *from);

/* Makes the page's contents visible to instruction fetches before it becomes executable: cleans the data cache and invalidates the
 * instruction cache, if the CPU does not do it (ARM). `page`: any kernel address of the page. */
void arch_flush_icache(const void *page);

/* The layout of the address space; `address`, `ptdump`. */
const struct region *arch_regions(void);

/* Sets wp, smep, smap, afe and dacr to those of *wanted, in the CPU and in arch_pt_mode(), and flushes the TLB; other fields are
 * ignored. For tests, which restore them. ERR_UNSUPPORTED: one of them cannot be changed; nothing was changed. */
MUST_USE err_t arch_set_mode(const struct pt_mode *wanted);

/* Translates va with the CPU's address-translation instruction (ARM ATS1CPR, ATS1CPW, ATS1CUR, ATS1CUW). ERR_UNSUPPORTED: the CPU
 * has none; ERR_NOT_FOUND: the access would fault, *why is the CPU's fault code. */
MUST_USE err_t arch_translate(uint64_t va, bool write, bool user, paddr_t *pa, uint64_t *why);

#include "arch_mmu.h"
