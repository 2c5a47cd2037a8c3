/* tests/host/paging/hw.h - the page walks of the processors, written from their manuals, as the oracle.
 * SPDX-License-Identifier: MIT
 *
 * Nothing here includes or follows paging/: other constants, other structure, one function an architecture's table
 * format. A mistake would have to be made twice to go unseen.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum hw_tables { HW_32BIT, HW_PAE, HW_IA32E, HW_ARM_SHORT, HW_ARM_LONG, HW_AARCH64, HW_SV, HW_SV32 };
enum hw_cache { HW_WB, HW_WT, HW_UC_MINUS, HW_UC };

struct hw_cpu {
	enum hw_tables tables;
	unsigned levels;          /* IA-32e 4 or 5, AArch64 3 or 4, HW_SV 3 to 5 */
	unsigned maxphyaddr;
	bool pse, nxe, page1gb;
	bool afe, pxn;
	bool svpbmt, svnapot;
	uint32_t dacr;
	uint64_t mair;
	unsigned cbit;            /* AMD APM vol. 2 7.10: 0: none */
	bool tre;
	uint32_t prrr, nmrr;
	bool ttbr1;               /* AArch64: the root is TTBR1's */
	uint32_t ttbcr;           /* ARMv7: how TTBR0, the root, and ttbr1_root divide the addresses */
	uint64_t ttbr1_root;
};

enum hw_end {
	HW_MAPPED,
	HW_NOT_PRESENT,
	HW_RESERVED,       /* a reserved bit or type */
	HW_BUS,            /* a table is where no memory is */
	HW_NO_ADDRESS,     /* not canonical, above the address size */
};

enum { HW_KERNEL, HW_USER };
enum { HW_READ, HW_WRITE, HW_FETCH };

struct hw_page {
	enum hw_end end;
	uint64_t pa, size;        /* of the address itself, of the page around it */
	bool may[2][3];           /* who, what; supervisor with WP on, SMEP and SMAP off */
	bool global, accessed, dirty;
	enum hw_cache cache;
	unsigned entries;         /* read so far, from the root */
	uint64_t entry_pa[5], entry[5];
};

/* False: no memory there. */
typedef bool (*hw_read_fn)(void *ctx, uint64_t pa, unsigned bytes, uint64_t *value);

struct hw_page hw_walk(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t root, uint64_t va);

/* What hw_walk calls; ends with page->end set. */
void hw_walk_x86(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t cr3, uint64_t va,
                 struct hw_page *page);
void hw_walk_riscv(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t root, uint64_t va,
                   struct hw_page *page);
void hw_walk_arm(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t ttbr, uint64_t va,
                 struct hw_page *page);
