/* paging/fmt_arm_long.c - ARM long descriptors: ARMv7 LPAE and AArch64 with 4 KiB granule, nine index bits.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.6 (LPAE), DDI 0487 D8.3 (AArch64). Manual level 3 is level 0 here, and so on upwards.
 *
 *          63  62 61  60  59  58 55  54  53  52  51 48 47        12 11 10 9 8  7 6   5 4  2  1 0
 *   leaf  |    -            | soft |UXN|PXN|cont|  0  | frame      |nG|AF| SH |AP2:1|NS|Attr|t|1|
 *   table |NS|APTable|XN |PXN|      -               0 | table      |          -             |1|1|
 *
 * Bit 1 (t): above level 0 zero is a block and one a table; at level 0 one is a *page* and zero is bad. UXN is XN in
 * LPAE, for both modes. AF clear faults at the first use; only software sets it. APTable, XNTable and PXNTable
 * restrict everything below them. Attr is an index into MAIR. LPAE has frame bits 39:12.
 *
 * A user page is never executable by the kernel and a kernel page never by user mode, for any value of XN and PXN.
 * Bits 55 and 56 are ours, and Windows' on ARM64: writable, copy on write. Table entries carry AF, AP[1] and 55 in
 * bits that the hardware ignores there, so that `pte` shows them as it shows x86's.
 *
 * Letters of `pte`, ten. a64: C W/R X G A D K/U N L V, the columns that WinDbg has published for ARM64 (2, 3, 5, 6,
 * 7, 9, 10) with ours in 1 (copy on write), 4 (G: nG clear) and 8 (N: not attribute 0); W is bit 55 with AP[2] clear, D is
 * AP[2] clear ("not dirty" is Windows' use of read-only), X is PXN clear, K/U is AP[1].
 * lpae: no debugger has published any; the same columns, but W is AP[2] clear, X is XN clear and D is never shown.
 */
#include "paging/arm_memory.h"
#include "paging/bulk.h"
#include "paging/lookup.h"
#include "paging/soft.h"

#define VALID        (1ull << 0)
#define TABLE_PAGE   (1ull << 1)
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
#define LPAE_FRAME   0x000000FFFFFFF000ull
#define A64_FRAME    0x0000FFFFFFFFF000ull

PT_INLINE bool is_lpae(const struct pt_mode *mode)
{
	return mode->format->va_bits == 32;
}

PT_INLINE uint64_t frame(const struct pt_mode *mode, pte_t pte)
{
	return pte.v & (is_lpae(mode) ? LPAE_FRAME : A64_FRAME);
}

PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	bool table_page = pte.v & TABLE_PAGE;

	if (!(pte.v & VALID))
		return pte.v ? PT_SOFT : PT_EMPTY;
	if (frame(mode, pte) >> mode->pa_bits)
		return PT_BAD;
	if (level == 0)
		return table_page ? PT_LEAF : PT_BAD;
	if (table_page)
		return PT_TABLE;
	return mode->format->level[level].leaf ? PT_LEAF : PT_BAD;
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	bool table = level > 0 && (pte.v & TABLE_PAGE);
	uint64_t size = table ? pt_table_bytes(mode->format, level - 1) : pt_level_size(mode->format, level);

	(void)va;
	return (struct pt_output){ PADDR(frame(mode, pte) & ~(size - 1)), size };
}

static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	return PTE((pte.v & ~frame(mode, PTE(~(output(mode, level, pte, 0).size - 1)))) | pa.v);
}

PT_PAGE_FROM(kind, output)
PT_NEXT_TABLE_FROM(kind, output)

static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)va;
	(void)mode;
	(void)level;
	return PTE(table.v | VALID | TABLE_PAGE | AF | AP_USER | SOFT_WRITE);
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

	if (!(prot & PROT_R) || attr > 7 || !mode->format->level[level].leaf ||
	    !IS_ALIGNED(pa.v, pt_level_size(mode->format, level)))
		return ERR_INVALID;
	if (pa.v >> mode->pa_bits || frame(mode, PTE(pa.v)) != pa.v)
		return ERR_RANGE;
	v |= (uint64_t)attr << ATTR_SHIFT;
	/* Shareable, because other CPUs can access the memory; device memory always is. */
	v |= cache == CACHE_UC ? 0 : SH_INNER;
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
	*out = PTE(pa.v | v);
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
/* The address of a table or page, then of the two blocks; end is the bit above it. What lies between a block's address and
 * its lower attributes is RES0. */
#define FRAME_FIELDS(end) \
	{ "PageFrameNumber", 12, (end) - 12, 14, PT_FORM_TABLE, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 12, (end) - 12, 9, PT_FORM_LEAF, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 21, (end) - 21, 2, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 30, (end) - 30, 4, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "RES0", 12, 9, 2, PT_FORM_LEAF, 0, 0, 0, "must be zero here, not part of the address", "zero, as it must be here" }, \
	{ "RES0", 12, 18, 4, PT_FORM_LEAF, 0, 0, 0, "must be zero here, not part of the address", "zero, as it must be here" }
/* Columns of a row: name, lsb, width, levels, forms (1 table, 2 leaf, 4 soft), letter's column, set, clear, words. */
#define COMMON_FIELDS \
	{ "Valid", 0, 1, 15, 7, 10, 'V', '-', "present", "not present" }, \
	{ "NotLargePage", 1, 1, 14, 3, 9, '-', 'L', "table below", "large page" }, \
	{ "TablePage", 1, 1, 1, 2, 0, 0, 0, "page", "bad" }, \
	{ "AttrIndx", 2, 3, 15, 2, 8, 'N', '-', NULL, NULL }, \
	{ "NonSecure", 5, 1, 15, 2, 0, 0, 0, "non-secure memory", "secure memory" }, \
	{ "AP[1]", 6, 1, 15, 2, 7, 'U', 'K', "user mode may", "kernel mode only" }, \
	{ "AP[1]", 6, 1, 14, 1, 7, 'U', 'K', IGNORED, IGNORED }, \
	{ "SH", 8, 2, 15, 2, 0, 0, 0, NULL, NULL }, \
	{ "AF", 10, 1, 15, 2, 5, 'A', '-', "accessed", "not accessed" }, \
	{ "AF", 10, 1, 14, 1, 5, 'A', '-', IGNORED, IGNORED }, \
	{ "nG", 11, 1, 15, 2, 4, '-', 'G', "this address space only", "global" }, \
	{ "Contiguous", 52, 1, 15, 2, 0, 0, 0, "one of sixteen in a row", "on its own" }, \
	{ "CopyOnWrite", 56, 1, 15, 3, 1, 'C', '-', "copy on write", "not copy on write" }, \
	{ "PXNTable", 59, 1, 14, 1, 0, 0, 0, "kernel executes nothing below", "pages decide" }, \
	{ "APTable[0]", 61, 1, 14, 1, 0, 0, 0, "nothing below is user mode's", "pages decide" }, \
	{ "NSTable", 63, 1, 14, 1, 0, 0, 0, "non-secure below", "pages decide" }

#define RES0(lsb, width, levels, forms) \
	{ "RES0", (lsb), (width), (levels), (forms) | PT_FIELD_NOT_DT, 0, 0, 0, "should be zero, the CPU ignores it", \
	  "zero, as it should be" }

static const struct pt_field lpae_fields[] = {
	COMMON_FIELDS, RES0(40, 12, 14, PT_FORM_TABLE), RES0(40, 12, 15, PT_FORM_LEAF),
	{ "AP[2]", 7, 1, 15, 2, 2, 'R', 'W', "read-only", "writable" },
	FRAME_FIELDS(40),
	{ "PXN", 53, 1, 15, 2, 0, 0, 0, "not executable by the kernel", "kernel may execute" },
	{ "Writable", 55, 1, 15, 3, 0, 0, 0, "writable (software)", "read-only (software)" },
	{ "XN", 54, 1, 15, 2, 3, '-', 'X', "not executable", "executable" },
	{ "XNTable", 60, 1, 14, 1, 3, '-', 'X', "nothing below is executable", "pages decide" },
	{ "APTable[1]", 62, 1, 14, 1, 2, 'R', 'W', "nothing below is writable", "pages decide" },
};
/* Bits 50 and 51: FEAT_BTI and FEAT_HAFDBS (DDI 0487 D8.3.1). */
static const struct pt_field a64_fields[] = {
	COMMON_FIELDS, RES0(48, 4, 14, PT_FORM_TABLE), RES0(48, 2, 15, PT_FORM_LEAF),
	{ "GP", 50, 1, 15, 2 | PT_FIELD_NOT_DT, 0, 0, 0, "guarded: branches need a target (BTI)", "not guarded" },
	{ "DBM", 51, 1, 15, 2 | PT_FIELD_NOT_DT, 0, 0, 0, "the CPU may clear AP[2] at a write (TCR.HD)", "no dirty state" },
	{ "AP[2]", 7, 1, 15, 2, 6, '-', 'D', "read-only", "writable" },
	{ "AP[2]", 7, 1, 14, 1, 6, '-', 'D', IGNORED, IGNORED },
	FRAME_FIELDS(48),
	{ "PXN", 53, 1, 15, 2, 3, '-', 'X', "not executable by the kernel", "kernel may execute" },
	{ "PXN", 53, 1, 14, 1, 3, '-', 'X', IGNORED, IGNORED },
	{ "UXN", 54, 1, 15, 2, 0, 0, 0, "not executable by user mode", "user mode may execute" },
	{ "Writable", 55, 1, 15, 3, 2, 'W', 'R', "writable (software)", "read-only (software)" },
	/* The CPU tests only AP[2]: a page that it forbids to write has no W. */
	{ "AP[2]", 7, 1, 15, 2 | PT_FIELD_LETTER, 2, 'R', 0, NULL, NULL },
	{ "APTable[1]", 62, 1, 14, 1, 0, 0, 0, "nothing below is writable", "pages decide" },
	{ "UXNTable", 60, 1, 14, 1, 0, 0, 0, "user mode executes nothing below", "pages decide" },
};

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

/* The fields are those of Windows on x86; the hardware uses only bit 0. */
#define SOFT_FIELDS(protected_kinds) \
	PT_SOFT_COMMON(64, 32, (protected_kinds), SOFT_IN_ANY), \
	{ "PageFileLow", 1, 4, SOFT_IN_PAGEFILE, SOFT_FILE, 0 }, \
	{ "PageFrameNumber", 12, 40, SOFT_IN_TRANSITION, SOFT_FRAME, 0 }

static const struct pt_soft_field lpae_soft_fields[] = {
	SOFT_FIELDS(SOFT_IN_ANY), { "ProtoAddress", 32, 32, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_field a64_soft_fields[] = {
	SOFT_FIELDS(SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE), { "ProtoAddress", 16, 48, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout lpae_soft = { PT_SOFT_LAYOUT(lpae_soft_fields) };
static const struct pt_soft_layout a64_soft = { PT_SOFT_LAYOUT(a64_soft_fields), .proto_signed = true };

PT_LOOKUP_FROM(lookup_lpae, pt_lpae)
PT_LOOKUP_FROM(lookup_a64, pt_a64)

#define FUNCTIONS \
	PT_FORMAT_FUNCTIONS, \
	.write_protect = write_protect, .words = words, .memory = memory

const struct pt_format pt_lpae = {
	.name = "lpae", .title = "ARMv7 long descriptors, three levels, 64-bit entries", .entry_bytes = 8, .levels = 3,
	.va_bits = 32, .pa_bits = 40, .shared_level = 2, .letters = 10,
	.root_bits = 40, .root_attributes = 0x00FF000000000001ull,
	.caps = PT_HAS_NX | PT_FRAME_IN_PLACE | PT_TWO_ROOTS | PT_FEWER_LEVELS,
	.level = {
		{ 12, 9, true, "L3", "level 3 descriptor", "pte" },
		{ 21, 9, true, "L2", "level 2 descriptor", "pmd" },
		{ 30, 2, true, "L1", "level 1 descriptor", "pgd" },
	},
	.fields = lpae_fields, .field_count = ARRAY_LEN(lpae_fields), .soft = &lpae_soft, .lookup = lookup_lpae,
	.isa = PT_ISA(isa_arm_lpae), FUNCTIONS,
};
const struct pt_format pt_a64 = {
	.name = "a64", .title = "AArch64, 4 KiB granule, four levels (three by T0SZ), 64-bit entries", .entry_bytes = 8,
	.levels = 4, .va_bits = 48, .pa_bits = 48, .shared_level = 3, .letters = 10,
	.root_bits = 48, .root_attributes = 0xFFFF000000000001ull,
	.root_other = "not supported: address bits 51:48, with LPA2 (TCR_EL1.DS)",
	.caps = PT_HAS_NX | PT_FRAME_IN_PLACE | PT_TWO_ROOTS | PT_FEWER_LEVELS,
	.level = {
		{ 12, 9, true, "PTE", "level 3 descriptor", "pte" },
		{ 21, 9, true, "PDE", "level 2 descriptor", "pmd" },
		{ 30, 9, true, "PPE", "level 1 descriptor", "pud" },
		{ 39, 9, false, "PXE", "level 0 descriptor", "pgd" },
	},
	.fields = a64_fields, .field_count = ARRAY_LEN(a64_fields), .soft = &a64_soft, .lookup = lookup_a64,
	.isa = PT_ISA(isa_arm64), FUNCTIONS,
};
