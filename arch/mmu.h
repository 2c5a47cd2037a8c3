/* arch/mmu.h - translation tables as this CPU uses them: the mode, the root, flushing, storing an entry.
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

/* What the image says of itself (boot/boot_info.h): link addresses of its parts. */
struct image_header;
extern const struct image_header image_header;

/* What the CPU has switched on; constant after boot, but for tests that flip WP or NX. */
struct pt_mode *arch_pt_mode(void);
/* Where the self-map begins; 0 for formats that cannot have one. */
uint64_t arch_selfmap_base(void);

/* Loads a root: forgets every translation that is not global. */
void arch_mmu_load_root(paddr_t root);
paddr_t arch_mmu_root(void);
static inline void arch_tlb_flush_page(vaddr_t va);
/* Global translations too. */
void arch_tlb_flush_all(void);
/* Stores one entry of 4 or 8 bytes so that the table walker never sees a mixture of old and new as present
 * (PAE on i386: clear low, set high, set low), with whatever barrier the architecture asks for. */
static inline void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new);

/* The same for count entries in a row: new's, or zeroes when new is NULL. */
void arch_entries_store(void *at, unsigned bytes, const void *new, unsigned count);

/* The fastest way to fill and to copy one page; both page-aligned. */
void arch_page_zero(void *page);
void arch_page_copy(void *to, const void *from);

/* The page, at any kernel address of it, is about to be executable: what was stored in it must reach the instruction side,
 * where that does not watch stores (ARM). */
void arch_sync_code(const void *page);

/* The layout of the address space; `address`, `ptdump`. */
const struct region *arch_regions(void);

/* Makes wp, smep, smap, afe and dacr those of *wanted, in the CPU and in arch_pt_mode(), and forgets all translations;
 * the rest of it is not looked at. For tests, which set them back. ERR_UNSUPPORTED, and nothing was changed, where one
 * of them is no choice. */
MUST_USE err_t arch_set_mode(const struct pt_mode *wanted);

/* Asks the CPU itself to translate va for a kernel access (ARM ATS1CPR and kin). ERR_UNSUPPORTED where it cannot;
 * ERR_NOT_FOUND with *why the CPU's word for it. */
MUST_USE err_t arch_translate(uint64_t va, bool write, bool user, paddr_t *pa, uint64_t *why);

#include "arch_mmu.h"
