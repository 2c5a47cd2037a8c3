/* paging/fmt_arm_stage1.h - ARM's long descriptors of the first stage: LPAE and AArch64; for fmt_arm*.c alone.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.6 (LPAE), DDI 0487 D8.3 (AArch64).
 *
 *          63  62 61  60  59  58 55  54  53  52  51 48 47        12 11 10 9 8  7 6   5 4  2  1 0
 *   leaf  |    -            | soft |UXN|PXN|cont|  0  | frame      |nG|AF| SH |AP2:1|NS|Attr|t|1|
 *   table |NS|APTable|XN |PXN|      -               0 | table      |          -             |1|1|
 *
 * UXN is XN in LPAE, for both modes. AF clear faults at the first use; only software sets it. APTable, XNTable and PXNTable
 * restrict everything below them. Attr is an index into MAIR. With LPA2, SH is in TCR: the file that includes this defines
 * inner_shareable().
 *
 * A user page is never executable by the kernel and a kernel page never by user mode, for any value of XN and PXN.
 * Bits 55 and 56 are ours, and Windows' on ARM64: writable, copy on write. Table entries carry AF, AP[1] and 55 in
 * bits that the hardware ignores there, so that `pte` shows them as it shows x86's.
 */
#pragma once
#include "paging/arm_memory.h"
#include "paging/fmt_arm_long.h"

#define ATTR_SHIFT   2
#define AP_USER      (1ull << 6)
#define AP_RO        (1ull << 7)
#define SH_INNER     (3ull << 8)
#define AF           (1ull << 10)
#define NOT_GLOBAL   (1ull << 11)
#define PXN          (1ull << 53)
#define UXN          (1ull << 54)
#define SOFT_WRITE   (1ull << 55)
#define SOFT_COW     (1ull << 56)
#define PXN_TABLE    (1ull << 59)
#define UXN_TABLE    (1ull << 60)
#define AP_TABLE_NO_USER (1ull << 61)
#define AP_TABLE_RO  (1ull << 62)

/* The bits of a page that other CPUs access. */
static uint64_t inner_shareable(const struct pt_mode *mode);

PT_INLINE bool is_lpae(const struct pt_mode *mode)
{
	return mode->format->va_bits == 32;
}

static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)va;
	(void)level;
	return PTE(placed(mode, table.v) | VALID | TABLE_PAGE | AF | AP_USER | SOFT_WRITE);
}

/* Cache kind of a MAIR byte, from its inner half; an outer half of zero is device memory (B4.1.104). */
PT_INLINE prot_t cache_of(const struct pt_mode *mode, unsigned index)
{
	unsigned byte = mode->mair >> 8 * index & 0xFF, inner = byte & 0xF;

	if (byte >> 4 == 0)
		return CACHE_UC;
	if (inner == 4)
		return CACHE_UC_MINUS;
	return inner & 4 ? CACHE_WB : CACHE_WT;
}

static unsigned attr_index(const struct pt_mode *mode, prot_t cache)
{
	unsigned index = 0;

	while (index < 8 && cache_of(mode, index) != cache)
		index++;
	return index;
}

static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	prot_t cache = prot & PROT_CACHE_MASK;
	unsigned attr = attr_index(mode, cache);
	uint64_t v = VALID | (level ? 0 : TABLE_PAGE);

	if (!(prot & PROT_R) || attr > 7 || !has_leaf(mode, level) ||
	    !IS_ALIGNED(pa.v, pt_level_size(mode->format, level)))
		return ERR_INVALID;
	if (pa.v >> mode->pa_bits || frame(mode, PTE(placed(mode, pa.v))) != pa.v)
		return ERR_RANGE;
	v |= (uint64_t)attr << ATTR_SHIFT;
	/* Shareable, because other CPUs can access the memory; device memory always is. */
	v |= cache == CACHE_UC ? 0 : inner_shareable(mode);
	v |= prot & PROT_U ? AP_USER : 0;
	v |= prot & PROT_W ? SOFT_WRITE : AP_RO;
	v |= prot & PROT_COW ? SOFT_COW : 0;
	v |= prot & PROT_ACCESSED ? AF : 0;
	v |= prot & PROT_GLOBAL ? 0 : NOT_GLOBAL;
	if (!(prot & PROT_X))
		v |= UXN | PXN;
	else if (prot & PROT_U)
		v |= PXN;
	else
		v |= is_lpae(mode) ? 0 : UXN;
	*out = PTE(placed(mode, pa.v) | v);
	return OK;
}

/* Who may not execute. LPAE's XN speaks for both modes. */
PT_INLINE prot_t bans(const struct pt_mode *mode, uint64_t user, uint64_t kernel)
{
	prot_t no_user = is_lpae(mode) ? PROT_NO_USER_X | PROT_NO_KERNEL_X : PROT_NO_USER_X;

	return (user ? no_user : 0) | (kernel ? PROT_NO_KERNEL_X : 0);
}

static pte_t write_protect(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	(void)level;
	return pte.v & AP_RO ? pte : PTE((pte.v & ~SOFT_WRITE) | AP_RO | SOFT_COW);
}

PT_BULK_FROM(uint64_t, page, write_protect)

PT_INLINE prot_t leaf_rights(const struct pt_mode *mode, pte_t pte)
{
	prot_t prot = PROT_R | cache_of(mode, pte.v >> ATTR_SHIFT & 7) | bans(mode, pte.v & UXN, pte.v & PXN);

	prot |= pte.v & AP_USER ? PROT_U : 0;
	prot |= pte.v & AP_RO ? 0 : PROT_W | PROT_DIRTY;
	prot |= pte.v & SOFT_COW ? PROT_COW : 0;
	prot |= pte.v & AF ? PROT_ACCESSED : 0;
	prot |= pte.v & NOT_GLOBAL ? 0 : PROT_GLOBAL;
	if (!(prot & (prot & PROT_U ? PROT_NO_USER_X : PROT_NO_KERNEL_X)))
		prot |= PROT_X;
	return prot;
}

PT_INLINE prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	prot_t rights = PROT_RIGHTS;

	if (level == 0 || !(pte.v & TABLE_PAGE))
		return leaf_rights(mode, pte);
	if (pte.v & AP_TABLE_NO_USER)
		rights &= ~(prot_t)PROT_U;
	if (pte.v & AP_TABLE_RO)
		rights &= ~(prot_t)PROT_W;
	return rights | bans(mode, pte.v & UXN_TABLE, pte.v & PXN_TABLE);
}

/* In a table descriptor, these bits are ignored by the CPU and can be set by software. */
#define IGNORED "ignored: the descriptor references a table"
/* Columns of a row: name, lsb, width, levels, forms (1 table, 2 leaf, 4 soft), letter's column, set, clear, words. */
#define COMMON_FIELDS \
	{ "Valid", 0, 1, 31, 7, 10, 'V', '-', "present", "not present" }, \
	{ "NotLargePage", 1, 1, 30, 3, 9, '-', 'L', "table below", "large page" }, \
	{ "TablePage", 1, 1, 1, 2, 0, 0, 0, "page", "bad" }, \
	{ "AttrIndx", 2, 3, 31, 2, 8, 'N', '-', NULL, NULL }, \
	{ "NonSecure", 5, 1, 31, 2, 0, 0, 0, "non-secure memory", "secure memory" }, \
	{ "AP[1]", 6, 1, 31, 2, 7, 'U', 'K', "user mode may", "kernel mode only" }, \
	{ "AP[1]", 6, 1, 30, 1, 7, 'U', 'K', IGNORED, IGNORED }, \
	{ "AF", 10, 1, 31, 2, 5, 'A', '-', "accessed", "not accessed" }, \
	{ "AF", 10, 1, 30, 1, 5, 'A', '-', IGNORED, IGNORED }, \
	{ "nG", 11, 1, 31, 2, 4, '-', 'G', "this address space only", "global" }, \
	{ "Contiguous", 52, 1, 31, 2, 0, 0, 0, "one of a row of entries", "on its own" }, \
	{ "CopyOnWrite", 56, 1, 31, 3, 1, 'C', '-', "copy on write", "not copy on write" }, \
	{ "PXNTable", 59, 1, 30, 1, 0, 0, 0, "kernel executes nothing below", "pages decide" }, \
	{ "APTable[0]", 61, 1, 30, 1, 0, 0, 0, "nothing below is user mode's", "pages decide" }, \
	{ "NSTable", 63, 1, 30, 1, 0, 0, 0, "non-secure below", "pages decide" }

#define RES0(lsb, width, levels, forms) \
	{ "RES0", (lsb), (width), (levels), (forms) | PT_FIELD_NOT_DT, 0, 0, 0, "should be zero, the CPU ignores it", \
	  "zero, as it should be" }

static const char *say_attr(const struct pt_mode *mode, uint64_t value)
{
	return arm_mair_words(mode->mair >> 8 * value & 0xFF);
}

static const char *memory(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)level;
	return say_attr(mode, pte.v >> ATTR_SHIFT & 7);
}

static const char *say_shareable(const struct pt_mode *mode, uint64_t value)
{
	static const char *const text[] = { "not shareable", "reserved", "outer shareable", "inner shareable" };

	(void)mode;
	return text[value & 3];
}

static const struct pt_words words[] = { { "AttrIndx", say_attr }, { "SH", say_shareable }, { NULL, NULL } };

#define STAGE1_FUNCTIONS \
	PT_FORMAT_FUNCTIONS, .write_protect = write_protect, .words = words, .memory = memory, \
	.read_only_mask = AP_TABLE_RO | SOFT_WRITE, .read_only_value = AP_TABLE_RO
