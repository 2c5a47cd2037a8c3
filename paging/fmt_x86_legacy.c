/* paging/fmt_x86_legacy.c - the 386's two levels: 32-bit entries, ten index bits, 4 MiB pages.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3A 4.3. A 4 MiB page keeps PA bits 39:32 in entry bits 20:13 (PSE-36); bit 21 is reserved.
 */
#include "paging/bulk.h"
#include "paging/fmt_x86.h"
#include "paging/lookup.h"
#include "paging/pieces.h"

#define FRAME_MASK   0xFFFFF000ull
#define LARGE_MASK   0xFFC00000ull
#define PSE36_RSVD   (1ull << 21)

static const struct pt_piece pse36[] = { { 13, 8, 32 }, { 0, 0, 0 } };

/* With CR4.PSE clear, PS of a PDE is ignored (SDM vol. 3A 4.3, table 4-5). */
PT_INLINE bool is_large(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	return level == 1 && mode->pse && (pte.v & X86_PS);
}

/* Bits 31:22 of the address in place, bits 39:32 from the entry's bits 20:13. */
PT_INLINE uint64_t large_base(pte_t pte)
{
	return (pte.v & LARGE_MASK) | pt_gather(pse36, pte.v);
}

/* PSE-36 address bits above MAXPHYADDR are reserved; a 4 KiB page and a table have 32 bits of address, all of which exist. */
PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	bool large = is_large(mode, level, pte);

	if (!(pte.v & X86_P))
		return pte.v ? PT_SOFT : PT_EMPTY;
	if (large && ((pte.v & PSE36_RSVD) || large_base(pte) >> mode->pa_bits))
		return PT_BAD;
	return level == 0 || large ? PT_LEAF : PT_TABLE;
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	(void)va;
	if (is_large(mode, level, pte))
		return (struct pt_output){ PADDR(large_base(pte)), pt_level_size(mode->format, 1) };
	return (struct pt_output){ PADDR(pte.v & FRAME_MASK), PAGE_SIZE };
}

static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	if (!is_large(mode, level, pte))
		return PTE((pte.v & ~FRAME_MASK) | pa.v);
	return PTE((pte.v & ~(LARGE_MASK | pt_scatter(pse36, UINT64_MAX))) | (pa.v & LARGE_MASK) | pt_scatter(pse36, pa.v));
}

PT_PAGE_FROM(kind, output)
PT_NEXT_TABLE_FROM(kind, output)
PT_BULK_FROM(uint32_t, page, x86_write_protect)

static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)va;
	(void)mode;
	(void)level;
	return PTE(table.v | X86_P | X86_W | X86_U | X86_A);
}

static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	if (!(prot & PROT_R) || (level && !mode->pse) || !IS_ALIGNED(pa.v, pt_level_size(mode->format, level)))
		return ERR_INVALID;
	if (pa.v >> (level ? mode->pa_bits : 32))
		return ERR_RANGE;
	*out = PTE((pa.v & FRAME_MASK) | (level ? X86_PS | pt_scatter(pse36, pa.v) : 0) |
	           x86_leaf_bits(mode, prot));
	return OK;
}

PT_INLINE prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	return x86_attributes(pte, kind(mode, level, pte) == PT_LEAF) | PROT_X;
}

static pte_t make_selfmap(const struct pt_mode *mode, unsigned level, paddr_t table)
{
	(void)mode;
	(void)level;
	return PTE(table.v | X86_P | X86_W | X86_A | X86_D);
}

#define PSE36_WORDS "PSE-36: bits 39:32 of the address"

static const struct pt_field fields[] = {
	{ "Valid", 0, 1, 3, 7, 11, 'V', '-', "present", "not present" },
	{ "Write", 1, 1, 3, 3, 9, 'W', 'R', "writable", "read-only" },
	{ "Owner", 2, 1, 3, 3, 8, 'U', 'K', "user mode may", "kernel mode only" },
	{ "WriteThrough", 3, 1, 3, 3, 7, 'T', '-', "write-through", "write-back" },
	{ "CacheDisable", 4, 1, 3, 3, 6, 'N', '-', "cache disabled", "cached" },
	{ "Accessed", 5, 1, 3, 3, 5, 'A', '-', "accessed", "not accessed" },
	X86_DIRTY_FIELDS,
	{ "LargePage", 7, 1, 2, PT_FORM_LEAF, 3, 'L', '-', "large page", NULL },
	{ "LargePage", 7, 1, 2, PT_FORM_TABLE, 3, 'L', '-', "ignored: CR4.PSE is off", "table below" },
	X86_GLOBAL_FIELDS,
	{ "CopyOnWrite", 9, 1, 3, 3, 1, 'C', '-', "copy on write", "not copy on write" },
	{ "Prototype", 10, 1, 3, 7, 0, 0, 0, "prototype", "no prototype" },
	{ "reserved", 11, 1, 3, 3, 0, 0, 0, NULL, NULL },
	/* dt takes the first row that has a bit. */
	{ "PageFrameNumber", 12, 20, 2, PT_FORM_TABLE, 0, 0, 0, NULL, NULL },
	{ "PageFrameNumber", 12, 20, 1, PT_FORM_LEAF, 0, 0, 0, NULL, NULL },
	X86_PAT_FIELDS(2),
	{ "PageFrameHigh", 13, 8, 2, PT_FORM_LEAF, 0, 0, 0, PSE36_WORDS, PSE36_WORDS },
	{ "reserved", 21, 1, 2, PT_FORM_LEAF, 0, 0, 0, X86_MUST_BE_ZERO },
	{ "PageFrameNumber", 22, 10, 2, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL },
	/* No bit forbids execution: a zero-width field is always clear. */
	{ "NoExecute", 0, 0, 3, 3, 10, '-', 'E', "not executable", "executable" },
};

/* A prototype's address is an offset into paged pool, in two pieces and of whole words. */
static const struct pt_soft_field soft_fields[] = {
	{ "ProtoAddressLow", 1, 7, SOFT_IN_PROTOTYPE, SOFT_PROTO, 2 },
	{ "ReadOnly", 8, 1, SOFT_IN_PROTOTYPE, SOFT_NO_NUMBER, 0 },
	{ "WhichPool", 9, 1, SOFT_IN_PROTOTYPE, SOFT_NO_NUMBER, 0 },
	{ "ProtoAddressHigh", 11, 21, SOFT_IN_PROTOTYPE, SOFT_PROTO, 9 },
	PT_SOFT_COMMON(32, 12, SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE, SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE),
	X86_SOFT_FILE, X86_SOFT_TRANSITION,
	{ "PageFrameNumber", 12, 20, SOFT_IN_TRANSITION, SOFT_FRAME, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields), .proto_base = "MmPagedPoolStart" };

PT_LOOKUP_FROM(lookup, pt_legacy)

const struct pt_format pt_legacy = {
	.name = "legacy", .title = "two levels, 32-bit entries", .entry_bytes = 4, .levels = 2, .va_bits = 32,
	.pa_bits = 40, .shared_level = 1, .letters = 11,
	.root_bits = 32, .root_attributes = 0xFFF,
	.caps = PT_KEEPS_AD | PT_SELFMAP | PT_FRAME_IN_PLACE, .read_only_mask = X86_W,
	.level = { { 12, 10, true, "PTE", "PTE", "pte" }, { 22, 10, true, "PDE", "PDE", "pgd" } },
	.fields = fields, .field_count = ARRAY_LEN(fields),
	PT_FORMAT_FUNCTIONS,
	.write_protect = x86_write_protect,
	.make_selfmap = make_selfmap, .soft = &soft, .lookup = lookup,
	.isa = PT_ISA(isa_x86),
};
