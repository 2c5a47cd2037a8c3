/* paging/fmt_riscv.h - what all RISC-V formats share; for fmt_sv*.c alone.
 * SPDX-License-Identifier: MIT
 *
 * RISC-V Privileged Architecture 4.3 (Sv32), 4.4 (Sv39), 4.5 (Sv48), 4.6 (Sv57), chapter 5 (Svnapot), chapter 6 (Svpbmt), 8.5
 * (two stages). The frame number begins at bit 10 in every one of them:
 *
 *    63 62  61 60      54 53                            10 9  8 7 6 5 4 3 2 1 0
 *   |N |PBMT  |   zero   |        frame number            |rsw |D|A|G|U|X|W|R|V|    R, W and X zero: a table
 *
 * Sv32 ends at bit 31. Bit 8 is ours: copy on write. A bit or a combination that is reserved is a page fault (4.3.2, step 3): W
 * without R; bits 60:54; N, PBMT, D, A and U of a table; N above level 0 or for another size than 64 KiB; PBMT 3; PBMT and N at
 * all while the mode has them off; a superpage that is not aligned. The second stage ignores G, and every access of it is one of
 * user mode (8.5.1).
 */
#pragma once
#include "paging/bulk.h"
#include "paging/lookup.h"
#include "paging/soft.h"

#define RISCV_V      (1ull << 0)
#define RISCV_R      (1ull << 1)
#define RISCV_W      (1ull << 2)
#define RISCV_X      (1ull << 3)
#define RISCV_U      (1ull << 4)
#define RISCV_G      (1ull << 5)
#define RISCV_A      (1ull << 6)
#define RISCV_D      (1ull << 7)
#define RISCV_COW    (1ull << 8)
#define RISCV_SHIFT  10
#define RISCV_PPN    0x003FFFFFFFFFFC00ull
#define RISCV_RSVD   0x1FC0000000000000ull
#define RISCV_PBMT   61
#define RISCV_N      (1ull << 63)
/* A run of sixteen pages: the four lowest bits of the frame number say its size, 1000 is 64 KiB and the only one. */
#define NAPOT_MARK   (8ull << RISCV_SHIFT)
#define NAPOT_MASK   (15ull << RISCV_SHIFT)
#define NAPOT_BYTES  (16ull * PAGE_SIZE)

enum { PBMT_PMA, PBMT_NC, PBMT_IO, PBMT_RESERVED };

/* The address of a page or table; a run's has its mark in it. */
PT_INLINE uint64_t riscv_address(pte_t pte)
{
	return (pte.v & RISCV_PPN) >> RISCV_SHIFT << PAGE_SHIFT;
}

/* Svnapot, chapter 5. */
PT_INLINE bool is_run(const struct pt_mode *mode, pte_t pte)
{
	return mode->napot && (pte.v & RISCV_N);
}

PT_INLINE uint64_t riscv_page_bytes(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	return level == 0 && is_run(mode, pte) ? NAPOT_BYTES : pt_level_size(mode->format, level);
}

/* N and PBMT, which only a leaf may have. */
PT_INLINE bool attributes_good(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	unsigned pbmt = pte.v >> RISCV_PBMT & 3;

	if (pbmt && (!mode->pbmt || pbmt == PBMT_RESERVED))
		return false;
	return !(pte.v & RISCV_N) || (mode->napot && level == 0 && (pte.v & NAPOT_MASK) == NAPOT_MARK);
}

/* Steps 3 to 6 of 4.3.2; R and X clear is a pointer to the next table. */
PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	if (!(pte.v & RISCV_V))
		return pte.v ? PT_SOFT : PT_EMPTY;
	if ((pte.v & RISCV_RSVD) || riscv_address(pte) >> mode->pa_bits || (pte.v & (RISCV_R | RISCV_W)) == RISCV_W)
		return PT_BAD;
	if (!(pte.v & (RISCV_R | RISCV_X)))
		return level == 0 || (pte.v & (RISCV_U | RISCV_A | RISCV_D)) || pte.v >> RISCV_PBMT ? PT_BAD : PT_TABLE;
	if (!attributes_good(mode, level, pte))
		return PT_BAD;
	return riscv_address(pte) & (pt_level_size(mode->format, level) - 1) ? PT_BAD : PT_LEAF;
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	uint64_t size = pte.v & (RISCV_R | RISCV_X) ? riscv_page_bytes(mode, level, pte) : PAGE_SIZE;

	(void)va;
	return (struct pt_output){ PADDR(riscv_address(pte) & ~(size - 1)), size };
}

/* The mark of a run belongs to the size, not to the address. */
static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	bool run = level == 0 && (pte.v & (RISCV_R | RISCV_X)) && is_run(mode, pte);

	return PTE((pte.v & ~RISCV_PPN) | pa.v >> PAGE_SHIFT << RISCV_SHIFT | (run ? NAPOT_MARK : 0));
}

PT_PAGE_FROM(kind, output)
PT_NEXT_TABLE_FROM(kind, output)

static pte_t write_protect(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	(void)level;
	return pte.v & RISCV_W ? PTE((pte.v & ~RISCV_W) | RISCV_COW) : pte;
}

/* Only V: D, A and U are reserved in a pointer. */
static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)va;
	return with_output(mode, level, PTE(RISCV_V), table);
}

/* There is no write-through: a page that asks for it is not cached. */
PT_INLINE uint64_t pbmt_for(const struct pt_mode *mode, prot_t cache)
{
	static const uint8_t kinds[] = { PBMT_PMA, PBMT_NC, PBMT_NC, PBMT_IO };

	return mode->pbmt && mode->format->entry_bytes == 8 ? (uint64_t)kinds[cache / CACHE_WT] << RISCV_PBMT : 0;
}

static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	if (!(prot & PROT_R) || !IS_ALIGNED(pa.v, pt_level_size(mode->format, level)))
		return ERR_INVALID;
	if (pa.v >> mode->pa_bits)
		return ERR_RANGE;
	*out = PTE(RISCV_V | RISCV_R | (prot & PROT_W ? RISCV_W : 0) | (prot & PROT_X ? RISCV_X : 0) |
	           (prot & PROT_U ? RISCV_U : 0) | (prot & PROT_GLOBAL ? RISCV_G : 0) |
	           (prot & PROT_ACCESSED ? RISCV_A : 0) | (prot & PROT_DIRTY ? RISCV_D : 0) |
	           (prot & PROT_COW ? RISCV_COW : 0) | pbmt_for(mode, prot & PROT_CACHE_MASK) |
	           pa.v >> PAGE_SHIFT << RISCV_SHIFT);
	return OK;
}

/* G of a table makes all pages below it global. */
PT_INLINE prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	static const prot_t caches[] = { CACHE_WB, CACHE_UC_MINUS, CACHE_UC, CACHE_UC };
	bool first_stage = !(mode->format->caps & PT_SECOND_STAGE);

	(void)level;
	if (!(pte.v & (RISCV_R | RISCV_X)))
		return PROT_RIGHTS | (first_stage && (pte.v & RISCV_G) ? PROT_GLOBAL_BELOW : 0);
	return (pte.v & RISCV_R ? PROT_R : 0) | (pte.v & RISCV_W ? PROT_W : 0) | (pte.v & RISCV_X ? PROT_X : 0) |
	       (pte.v & RISCV_U ? PROT_U : 0) | (first_stage && (pte.v & RISCV_G) ? PROT_GLOBAL : 0) |
	       (pte.v & RISCV_A ? PROT_ACCESSED : 0) | (pte.v & RISCV_D ? PROT_DIRTY : 0) |
	       (pte.v & RISCV_COW ? PROT_COW : 0) | (mode->pbmt ? caches[pte.v >> RISCV_PBMT & 3] : 0);
}

static const char *say_pbmt(const struct pt_mode *mode, uint64_t value)
{
	static const char *const text[] = {
		"as the physical address has it", "not cached, main memory", "not cached, input and output", "reserved",
	};

	(void)mode;
	return text[value & 3];
}

static const char *memory(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)level;
	return say_pbmt(mode, pte.v >> RISCV_PBMT);
}

static const struct pt_words words[] = { { "PBMT", say_pbmt }, { NULL, NULL } };

/* ---- field tables: name, lsb, width, levels, forms, column of the letter, set, clear, words ---- */

#define RISCV_PAGES (PT_FORM_LEAF | PT_FORM_REPEATED)
#define RISCV_ANY   (PT_FORM_TABLE | RISCV_PAGES)
#define RISCV_ZERO  "must be zero here", "zero, as it must be here"
#define RISCV_LOW_FIELDS \
	{ "V", 0, 1, 31, RISCV_ANY | PT_FORM_SOFT, 10, 'V', '-', "present", "not present" }, \
	{ "R", 1, 1, 31, RISCV_ANY, 9, 'R', '-', "readable", "not readable; without X too: a table" }, \
	{ "W", 2, 1, 31, RISCV_ANY, 8, 'W', '-', "writable", "read-only" }, \
	{ "X", 3, 1, 31, RISCV_ANY, 7, 'X', '-', "executable", "not executable" }, \
	{ "U", 4, 1, 31, RISCV_PAGES, 6, 'U', '-', "user mode may", "supervisor mode only" }, \
	{ "U", 4, 1, 31, PT_FORM_TABLE, 6, 'U', '-', RISCV_ZERO }, \
	{ "G", 5, 1, 31, RISCV_ANY, 5, 'G', '-', "global", "this address space only" }, \
	{ "A", 6, 1, 31, RISCV_PAGES, 4, 'A', '-', "accessed", "not accessed" }, \
	{ "A", 6, 1, 31, PT_FORM_TABLE, 4, 'A', '-', RISCV_ZERO }, \
	{ "D", 7, 1, 31, RISCV_PAGES, 3, 'D', '-', "dirty", "clean" }, \
	{ "D", 7, 1, 31, PT_FORM_TABLE, 3, 'D', '-', RISCV_ZERO }, \
	{ "RSW", 8, 2, 31, RISCV_ANY, 0, 0, 0, NULL, NULL }
/* The frame number of a superpage begins above the bits that must be zero in it. */
#define RISCV_SUPERPAGE(level, low, end) \
	{ "reserved", 10, (low), 1 << (level), PT_FORM_LEAF, 0, 0, 0, RISCV_ZERO }, \
	{ "PPN", 10 + (low), (end) - 10 - (low), 1 << (level), PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }

#define RISCV_FUNCTIONS \
	PT_FORMAT_FUNCTIONS, .write_protect = write_protect, .words = words, .memory = memory
#define RISCV_CAPS (PT_HAS_NX | PT_AD_TOGETHER)
