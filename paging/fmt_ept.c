/* paging/fmt_ept.c - Intel's extended page tables: from the addresses of a guest to those of the machine.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3C 29.3.2 (translation, tables 29-1 to 29-7), 29.3.3.1 (misconfigurations), 29.3.7 (memory types):
 *
 *    63   62    52 51        12 11 10 9 8  7   6   5 3  2 1 0
 *   +----+--------+------------+--+--+-+-+---+----+----+-+-+-+
 *   |#VE |  soft  |  frame     |  |XU|D|A|PS |IPAT|type|X|W|R|    7 to 3: zero in a table entry of level 3 and 4, 6 to 3 in others
 *   +----+--------+------------+--+--+-+-+---+----+----+-+-+-+
 *
 * An entry is present if one of R, W and X is set. A misconfiguration (kind PT_BAD): W without R; X alone, on a CPU without
 * execute-only translation; a reserved bit; memory type 2, 3 or 7 of a page. A and D count while EPTP bit 6 is set. There is no
 * distinction of user mode: U is always set here. XU, the user mode's X, needs a VM-execution control and is shown only.
 */
#include "paging/bulk.h"
#include "paging/lookup.h"
#include "paging/soft.h"

#define EPT_R    (1ull << 0)
#define EPT_W    (1ull << 1)
#define EPT_X    (1ull << 2)
#define EPT_RWX  (EPT_R | EPT_W | EPT_X)
#define EPT_TYPE 3
#define EPT_PS   (1ull << 7)
#define EPT_A    (1ull << 8)
#define EPT_D    (1ull << 9)
#define FRAME_MASK 0x000FFFFFFFFFF000ull

enum { TYPE_UC = 0, TYPE_WC = 1, TYPE_WT = 4, TYPE_WP = 5, TYPE_WB = 6 };
/* Types that exist, one bit for each. */
#define TYPES (1u << TYPE_UC | 1u << TYPE_WC | 1u << TYPE_WT | 1u << TYPE_WP | 1u << TYPE_WB)

/* Bit 7 is ignored at level 0. */
PT_INLINE bool is_page(unsigned level, pte_t pte)
{
	return level == 0 || (pte.v & EPT_PS);
}

/* 2 MiB pages are on every CPU that has EPT; 1 GiB is bit 17 of IA32_VMX_EPT_VPID_CAP. */
PT_INLINE bool has_pages(const struct pt_mode *mode, unsigned level)
{
	return (level < 2 || mode->gib_pages) && mode->format->level[level].leaf;
}

/* A table entry has zeroes where a page has type, IPAT and, at levels without pages, PS (tables 29-2 to 29-6). */
PT_INLINE uint64_t reserved_bits(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	uint64_t above = FRAME_MASK & ~(((uint64_t)1 << mode->pa_bits) - 1);

	if (is_page(level, pte))
		return above | ((pt_level_size(mode->format, level) - 1) & FRAME_MASK);
	return above | (has_pages(mode, level) ? 0x78 : 0xF8);
}

PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	unsigned rwx = pte.v & EPT_RWX;

	if (!rwx)
		return pte.v ? PT_SOFT : PT_EMPTY;
	if ((rwx & (EPT_R | EPT_W)) == EPT_W || (rwx == EPT_X && !mode->execute_only) || (pte.v & reserved_bits(mode, level, pte)))
		return PT_BAD;
	if (!is_page(level, pte))
		return PT_TABLE;
	return has_pages(mode, level) && (TYPES >> (pte.v >> EPT_TYPE & 7) & 1) ? PT_LEAF : PT_BAD;
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	uint64_t size = is_page(level, pte) ? pt_level_size(mode->format, level) : PAGE_SIZE;

	(void)va;
	return (struct pt_output){ PADDR(pte.v & FRAME_MASK & ~(size - 1)), size };
}

static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	(void)mode;
	(void)level;
	return PTE((pte.v & ~FRAME_MASK) | pa.v);
}

PT_PAGE_FROM(kind, output)
PT_NEXT_TABLE_FROM(kind, output)

static pte_t write_protect(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	(void)level;
	return PTE(pte.v & ~EPT_W);
}

PT_BULK_FROM(uint64_t, page, write_protect)

/* A table permits everything: the page decides. */
static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)va;
	(void)mode;
	(void)level;
	return PTE(table.v | EPT_RWX);
}

/* Write combining stands for memory that is not cached, as UC- does on x86. */
static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	static const uint8_t types[] = { TYPE_WB, TYPE_WT, TYPE_WC, TYPE_UC };

	if (!(prot & PROT_R) || !has_pages(mode, level) || !IS_ALIGNED(pa.v, pt_level_size(mode->format, level)))
		return ERR_INVALID;
	if (pa.v >> mode->pa_bits)
		return ERR_RANGE;
	*out = PTE(pa.v | EPT_R | (prot & PROT_W ? EPT_W : 0) | (prot & PROT_X ? EPT_X : 0) | (level ? EPT_PS : 0) |
	           (uint64_t)types[(prot & PROT_CACHE_MASK) / CACHE_WT] << EPT_TYPE |
	           (prot & PROT_ACCESSED ? EPT_A : 0) | (prot & PROT_DIRTY ? EPT_D : 0));
	return OK;
}

/* Rights are combined over all levels (29.3.3.2). Without EPTP bit 6 the CPU neither reads nor sets A and D. */
PT_INLINE prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	static const prot_t caches[8] = {
		[TYPE_UC] = CACHE_UC, [TYPE_WC] = CACHE_UC_MINUS, [2] = CACHE_UC, [3] = CACHE_UC, [TYPE_WT] = CACHE_WT,
		[TYPE_WP] = CACHE_WT, [TYPE_WB] = CACHE_WB, [7] = CACHE_UC,
	};
	prot_t rights = PROT_U | (pte.v & EPT_R ? PROT_R : 0) | (pte.v & EPT_W ? PROT_W : 0) | (pte.v & EPT_X ? PROT_X : 0);

	if (!is_page(level, pte))
		return rights;
	rights |= !mode->hw_accessed || (pte.v & EPT_A) ? PROT_ACCESSED : 0;
	return rights | (!mode->hw_accessed || (pte.v & EPT_D) ? PROT_DIRTY : 0) | caches[pte.v >> EPT_TYPE & 7];
}

static const char *say_type(const struct pt_mode *mode, uint64_t value)
{
	static const char *const text[] = {
		"uncacheable", "write combining", "reserved", "reserved", "write-through", "write-protected", "write-back",
		"reserved",
	};

	(void)mode;
	return text[value & 7];
}

static const char *memory(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)level;
	return say_type(mode, pte.v >> EPT_TYPE);
}

static const struct pt_words words[] = { { "MemoryType", say_type }, { NULL, NULL } };

#define MUST_BE_ZERO "must be zero here", "zero, as it must be here"
static const struct pt_field fields[] = {
	{ "R", 0, 1, 31, 7, 7, 'R', '-', "readable", "not readable" },
	{ "W", 1, 1, 31, 7, 6, 'W', '-', "writable", "not writable" },
	{ "X", 2, 1, 31, 7, 5, 'X', '-', "executable", "not executable" },
	{ "MemoryType", 3, 3, 7, PT_FORM_LEAF, 0, 0, 0, NULL, NULL },
	{ "IgnorePAT", 6, 1, 7, PT_FORM_LEAF, 0, 0, 0, "the guest's PAT does not count", "combined with the guest's PAT" },
	{ "reserved", 3, 4, 30, PT_FORM_TABLE, 0, 0, 0, MUST_BE_ZERO },
	{ "LargePage", 7, 1, 6, 3, 1, 'L', '-', "large page", "table below" },
	{ "reserved", 7, 1, 24, 3, 1, 'L', '-', MUST_BE_ZERO },
	{ "Accessed", 8, 1, 31, 3, 3, 'A', '-', "accessed, if EPTP bit 6 is set", "not accessed" },
	{ "Dirty", 9, 1, 7, PT_FORM_LEAF, 2, 'D', '-', "dirty, if EPTP bit 6 is set", "clean" },
	{ "XU", 10, 1, 31, 3, 4, 'U', '-', "executable by user mode, with mode-based control", "not so" },
	{ "PageFrameNumber", 12, 40, 30, PT_FORM_TABLE, 0, 0, 0, NULL, NULL },
	{ "PageFrameNumber", 12, 40, 25, PT_FORM_LEAF, 0, 0, 0, NULL, NULL },
	{ "reserved", 12, 9, 2, PT_FORM_LEAF, 0, 0, 0, MUST_BE_ZERO },
	{ "PageFrameNumber", 21, 31, 2, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL },
	{ "reserved", 12, 18, 4, PT_FORM_LEAF, 0, 0, 0, MUST_BE_ZERO },
	{ "PageFrameNumber", 30, 22, 4, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL },
	{ "SuppressVE", 63, 1, 31, 7, 0, 0, 0, "a violation is an exit", "a violation can be an exception #VE" },
};

/* The low bits are zero in a not-present entry. */
static const struct pt_soft_field soft_fields[] = {
	PT_SOFT_COMMON(64, 32, SOFT_IN_ANY, SOFT_IN_ANY),
	{ "PageFileLow", 12, 4, SOFT_IN_PAGEFILE, SOFT_FILE, 0 },
	{ "PageFrameNumber", 12, 40, SOFT_IN_TRANSITION, SOFT_FRAME, 0 },
	{ "ProtoAddress", 32, 32, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields) };

PT_LOOKUP_FROM(lookup_4, pt_ept)
PT_LOOKUP_FROM(lookup_5, pt_ept5)

#define LEVELS \
	{ 12, 9, true, "PTE", "EPT PTE", "pte" }, { 21, 9, true, "PDE", "EPT PDE", "pmd" }, \
	{ 30, 9, true, "PPE", "EPT PDPTE", "pud" }, { 39, 9, false, "PXE", "EPT PML4E", "p4d" }
/* EPTP: memory type, levels - 1, A and D, supervisor shadow stacks. */
#define COMMON \
	.entry_bytes = 8, .pa_bits = 52, .letters = 7, .root_bits = 52, .root_attributes = 0xFFF, .soft = &soft, \
	.caps = PT_HAS_NX | PT_FRAME_IN_PLACE | PT_SECOND_STAGE | PT_MAXPHYADDR | PT_AD_TOGETHER, .isa = PT_ISA(isa_ept), \
	.fields = fields, .field_count = ARRAY_LEN(fields), PT_FORMAT_FUNCTIONS, .write_protect = write_protect, \
	.words = words, .memory = memory

const struct pt_format pt_ept = {
	.name = "ept", .title = "Intel EPT, four levels", .levels = 4, .va_bits = 48, .shared_level = 3,
	.level = { LEVELS }, .lookup = lookup_4, COMMON,
};
const struct pt_format pt_ept5 = {
	.name = "ept5", .title = "Intel EPT, five levels", .levels = 5, .va_bits = 57, .shared_level = 4,
	.level = { LEVELS, { 48, 9, false, "P5E", "EPT PML5E", "pgd" } }, .lookup = lookup_5, COMMON,
};
