/* paging/fmt_x86_64bit.c - PAE, four-level and five-level tables: 64-bit entries, nine index bits.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3A 4.4 (PAE) and 4.5. AMD's nested tables have the same entries (APM vol. 2 15.25.5): every access of the guest
 * is one of user mode, G is ignored, and guest physical addresses are not sign-extended.
 *
 *    63 62    52 51        12 11  9 8 7  6 5 4   3   2 1 0
 *   +--+--------+------------+-----+-+--+-+-+---+---+-+-+-+
 *   |NX| soft*  |  frame     |soft |G|PS|D|A|PCD|PWT|U|W|P|     * reserved in PAE
 *   +--+--------+------------+-----+-+--+-+-+---+---+-+-+-+
 */
#include "paging/bulk.h"
#include "paging/fmt_x86.h"
#include "paging/lookup.h"

#define FRAME_MASK     0x000FFFFFFFFFF000ull
#define PAE_HIGH_RSVD  0x7FF0000000000000ull
/* The manual reserves bit 5 too, but QEMU's TCG sets A there: a table the CPU wrote is not corrupt. */
#define PDPTE_RSVD     (X86_W | X86_U | X86_D | X86_PS | X86_G | X86_NX)
#define LARGE_PAT      (1ull << 12)
#define PAE_TOP        2u

PT_INLINE bool is_pdpte(const struct pt_mode *mode, unsigned level)
{
	return level == PAE_TOP && (mode->format->caps & PT_TOP_HAS_NO_RIGHTS);
}

PT_INLINE uint64_t reserved_bits(const struct pt_mode *mode, unsigned level, bool large)
{
	uint64_t rsvd = FRAME_MASK & ~(((uint64_t)1 << mode->pa_bits) - 1) & ~mode->encrypted;

	if (!mode->nx)
		rsvd |= X86_NX;
	if (mode->format->caps & PT_TOP_HAS_NO_RIGHTS)
		rsvd |= PAE_HIGH_RSVD;
	if (is_pdpte(mode, level))
		rsvd |= PDPTE_RSVD;
	if (large)
		rsvd |= (pt_level_size(mode->format, level) - 1) & FRAME_MASK & ~LARGE_PAT;
	return rsvd;
}

PT_INLINE bool large_allowed(const struct pt_mode *mode, unsigned level)
{
	return level == 1 || (level == 2 && mode->format->level[2].leaf && mode->gib_pages);
}

/* Fast test for most entries: the high word has no bit but NX, if NX is enabled, and the low word has no reserved bit. */
PT_INLINE bool is_plain(const struct pt_mode *mode, unsigned level, pte_t pte, bool large)
{
	bool top = is_pdpte(mode, level);
	uint32_t high = (uint32_t)(pte.v >> 32);

	return (!high || (high == X86_NX >> 32 && mode->nx && !top)) && !large &&
	       !(top && ((uint32_t)pte.v & (uint32_t)PDPTE_RSVD));
}

/* What is present and not plain. */
static __attribute__((noinline)) enum pt_kind odd_kind(const struct pt_mode *mode, unsigned level, pte_t pte, bool large)
{
	if ((pte.v & reserved_bits(mode, level, large)) || (large && !large_allowed(mode, level)))
		return PT_BAD;
	return level == 0 || large ? PT_LEAF : PT_TABLE;
}

PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	bool large = level > 0 && ((uint32_t)pte.v & (uint32_t)X86_PS);

	if (!((uint32_t)pte.v & (uint32_t)X86_P))
		return pte.v ? PT_SOFT : PT_EMPTY;
	if (is_plain(mode, level, pte, large))
		return level == 0 ? PT_LEAF : PT_TABLE;
	return odd_kind(mode, level, pte, large);
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	bool large = mode->format->level[level].leaf && ((uint32_t)pte.v & (uint32_t)X86_PS);     /* level 0: PAT */
	uint64_t size = large ? pt_level_size(mode->format, level) : PAGE_SIZE;

	(void)va;
	return (struct pt_output){ PADDR(pte.v & FRAME_MASK & ~(size - 1) & ~mode->encrypted), size };
}

static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	return PTE((pte.v & ~(FRAME_MASK & ~mode->encrypted & ~(output(mode, level, pte, 0).size - 1))) | pa.v);
}

/* Reserved address bits, NX (if enabled) and the C-bit result in an address outside every linear range, so only the low word is
 * examined. */
PT_INLINE bool next_table(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va, paddr_t *table)
{
	uint32_t rsvd = is_pdpte(mode, level) ? (uint32_t)PDPTE_RSVD : (uint32_t)X86_PS;

	(void)va;
	*table = PADDR(pte.v & ~(uint64_t)PAGE_MASK);
	return ((uint32_t)pte.v & ((uint32_t)X86_P | rsvd)) == (uint32_t)X86_P;
}

static __attribute__((noinline)) bool any_page(const struct pt_mode *mode, pte_t pte, pfn_t *out)
{
	if (kind(mode, 0, pte) != PT_LEAF)
		return false;
	*out = pfn_of(output(mode, 0, pte, 0).pa);
	return true;
}

/* Most frames are below 4 GiB, where the low word of an entry is sufficient. */
PT_INLINE bool page(const struct pt_mode *mode, pte_t pte, uint64_t va, pfn_t *out)
{
	uint32_t low = (uint32_t)pte.v;

	(void)va;
	if (!(low & (uint32_t)X86_P))
		return false;
	*out = PFN(low >> PAGE_SHIFT);
	return is_plain(mode, 0, pte, false) || any_page(mode, pte, out);
}

PT_BULK_FROM(uint64_t, page, x86_write_protect)

static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)va;
	/* Table entries permit everything: the leaf decides. PDPTEs have no rights. A is set here, so that the CPU does not have
	 * to. */
	return PTE(table.v | X86_P | (is_pdpte(mode, level) ? 0 : X86_W | X86_U | X86_A));
}

static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	/* No page is larger than 1 GiB. */
	uint32_t low = level ? (uint32_t)pt_level_size(mode->format, level) - 1 : PAGE_MASK;

	if (!(prot & PROT_R) || (level && !large_allowed(mode, level)) || ((uint32_t)pa.v & low))
		return ERR_INVALID;
	/* Every CPU has at least 32 bits. */
	if (pa.v >> 32 && pa.v >> mode->pa_bits)
		return ERR_RANGE;
	*out = PTE(pa.v | (x86_leaf_bits(mode, prot) | (level ? (uint32_t)X86_PS : 0)) |
	           (mode->nx && !(prot & PROT_X) ? X86_NX : 0));
	return OK;
}

PT_INLINE prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	if (is_pdpte(mode, level))
		return PROT_RIGHTS;
	return x86_attributes(pte, kind(mode, level, pte) == PT_LEAF) | (mode->nx && (pte.v & X86_NX) ? 0 : PROT_X);
}

static prot_t npt_prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	return prot(mode, level, pte) & ~(prot_t)PROT_GLOBAL;
}

static pte_t make_selfmap(const struct pt_mode *mode, unsigned level, paddr_t table)
{
	(void)level;
	return PTE(table.v | X86_P | X86_W | X86_A | X86_D | (mode->nx ? X86_NX : 0));
}

/* What all formats of this file have at the same place, then what differs: _MMPTE_HARDWARE gives a PAE frame number
 * 26 bits; the wider formats have 36, reserve four and leave eleven to software. dt takes the first row that has a bit. */
#define LOW_FIELDS(accessed_levels) \
	{ "Valid", 0, 1, 0x1F, 7, 11, 'V', '-', "present", "not present" }, \
	{ "Writable", 1, 1, 0x1F, 3, 9, 'W', 'R', "writable", "read-only" }, \
	{ "Owner", 2, 1, 0x1F, 3, 8, 'U', 'K', "user mode may", "kernel mode only" }, \
	{ "WriteThrough", 3, 1, 0x1F, 3, 7, 'T', '-', "write-through", "write-back" }, \
	{ "CacheDisable", 4, 1, 0x1F, 3, 6, 'N', '-', "cache disabled", "cached" }, \
	{ "Accessed", 5, 1, (accessed_levels), 3, 5, 'A', '-', "accessed", "not accessed" }, \
	X86_DIRTY_FIELDS, \
	{ "LargePage", 7, 1, 0x1E, 3, 3, 'L', '-', "large page", "table below" }, \
	X86_GLOBAL_FIELDS, \
	{ "CopyOnWrite", 9, 1, 0x1F, 3, 1, 'C', '-', "copy on write", "not copy on write" }, \
	{ "Prototype", 10, 1, 0x1F, 7, 0, 0, 0, "prototype", "no prototype" }, \
	{ "Write", 11, 1, 0x1F, 3, 0, 0, 0, "write (software)", "no write (software)" }
/* The address of a table or page, then of the two large pages; end is the bit above the debugger's frame number. */
#define FRAME_FIELDS(end) \
	{ "PageFrameNumber", 12, (end) - 12, 0x1F, PT_FORM_TABLE, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 12, (end) - 12, 0x19, PT_FORM_LEAF, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 21, (end) - 21, 2, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameNumber", 30, (end) - 30, 4, PT_FORM_LEAF | PT_FIELD_FRAME, 0, 0, 0, NULL, NULL }, \
	{ "PageFrameHigh", (end), 52 - (end), 0x1F, 3 | PT_FIELD_NOT_DT, 0, 0, 0, NULL, NULL }, \
	X86_PAT_FIELDS(6), \
	{ "reserved", 13, 8, 2, PT_FORM_LEAF, 0, 0, 0, X86_MUST_BE_ZERO }, \
	{ "reserved", 13, 17, 4, PT_FORM_LEAF, 0, 0, 0, X86_MUST_BE_ZERO }
#define NO_EXECUTE { "NoExecute", 63, 1, 0x1F, 3, 10, '-', 'E', "not executable", "executable" }

static const struct pt_field pae_fields[] = {
	LOW_FIELDS(3), FRAME_FIELDS(38), NO_EXECUTE,
	/* A PDPTE has no accessed bit (SDM 3A, table 4-8), but QEMU's TCG sets it. */
	{ "reserved", 5, 1, 4, 3, 5, 'A', '-', "must be zero here; QEMU sets it", "zero, as it must be here" },
};
static const struct pt_field fields[] = {
	LOW_FIELDS(0x1F), FRAME_FIELDS(48), { "SoftwareWsIndex", 52, 11, 0x1F, 3, 0, 0, 0, NULL, NULL }, NO_EXECUTE,
};

/* The frame number ends at the physical address width (pt_soft_width()); Windows has other bits above it. */
#define SOFT_FIELDS(protected_kinds) \
	PT_SOFT_COMMON(64, 32, (protected_kinds), SOFT_IN_ANY), X86_SOFT_FILE, X86_SOFT_TRANSITION, \
	{ "PageFrameNumber", 12, 40, SOFT_IN_TRANSITION, SOFT_FRAME, 0 }

static const struct pt_soft_field pae_soft_fields[] = {
	SOFT_FIELDS(SOFT_IN_ANY), { "InStore", 12, 1, SOFT_IN_PAGEFILE, SOFT_NO_NUMBER, 0 },
	{ "Unused1", 13, 19, SOFT_IN_PAGEFILE, SOFT_NO_NUMBER, 0 },
	{ "ProtoAddress", 32, 32, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout pae_soft = { PT_SOFT_LAYOUT(pae_soft_fields) };
static const struct pt_soft_field soft_fields[] = {
	SOFT_FIELDS(SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE), { "ProtoAddress", 16, 48, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields), .proto_signed = true };

#define PTE_LEVEL  { 12, 9, true, "PTE", "PTE", "pte" }
#define PDE_LEVEL  { 21, 9, true, "PDE", "PDE", "pmd" }
#define PPE_LEVEL  { 30, 9, true, "PPE", "PDPTE", "pud" }
#define PXE_LEVEL  { 39, 9, false, "PXE", "PML4E", "p4d" }
#define P5E_LEVEL  { 48, 9, false, "P5E", "PML5E", "pgd" }
#define COMMON(table) \
	.entry_bytes = 8, .pa_bits = 52, .letters = 11, .fields = (table), .field_count = ARRAY_LEN(table), \
	.kind = kind, .output = output, .with_output = with_output, .page = page, .frames = frames, .share = share, \
	.make_table = make_table, .make_leaf = make_leaf, .write_protect = x86_write_protect
#define FIRST_STAGE(table) COMMON(table), .prot = prot, .make_selfmap = make_selfmap, .read_only_mask = X86_W
#define SECOND_STAGE \
	ROOT, .caps = NPT_CAPS | PT_SECOND_STAGE, .isa = PT_ISA(isa_npt), .soft = &soft, .prot = npt_prot, COMMON(fields)
/* CR3: PCID, or PWT and PCD, below the address; LAM and the no-flush bit of a store above it. */
#define ROOT .root_bits = 52, .root_attributes = 0xE000000000000FFFull
#define NPT_CAPS (PT_HAS_NX | PT_KEEPS_AD | PT_FRAME_IN_PLACE | PT_HAS_CBIT | PT_MAXPHYADDR)
#define CAPS (NPT_CAPS | PT_SELFMAP)

PT_LOOKUP_FROM(lookup_pae, pt_pae)
PT_LOOKUP_FROM(lookup_x64, pt_x64)
PT_LOOKUP_FROM(lookup_la57, pt_la57)
PT_LOOKUP_FROM(lookup_npt, pt_npt)
PT_LOOKUP_FROM(lookup_npt5, pt_npt5)

const struct pt_format pt_pae = {
	.name = "pae", .title = "PAE, three levels, 64-bit entries", .levels = 3, .va_bits = 32, .shared_level = 1,
	 .root_bits = 32, .root_attributes = 0x1F, .caps = CAPS | PT_RELOAD_ROOT | PT_TOP_HAS_NO_RIGHTS,
	.level = { PTE_LEVEL, PDE_LEVEL, { 30, 2, false, "PPE", "PDPTE", "pgd" } }, .lookup = lookup_pae,
	.isa = PT_ISA(isa_x86_pae), .soft = &pae_soft,
	FIRST_STAGE(pae_fields),
};
const struct pt_format pt_x64 = {
	.name = "x64", .title = "four levels, 64-bit entries", .levels = 4, .va_bits = 48, .shared_level = 3,
	 ROOT, .caps = CAPS | PT_SIGN_EXTEND,
	.level = { PTE_LEVEL, PDE_LEVEL, PPE_LEVEL, PXE_LEVEL }, .lookup = lookup_x64,
	.isa = PT_ISA(isa_x86_64), .soft = &soft, FIRST_STAGE(fields),
};
const struct pt_format pt_la57 = {
	.name = "la57", .title = "five levels, 64-bit entries", .levels = 5, .va_bits = 57, .shared_level = 4,
	 ROOT, .caps = CAPS | PT_SIGN_EXTEND,
	.level = { PTE_LEVEL, PDE_LEVEL, PPE_LEVEL, PXE_LEVEL, P5E_LEVEL }, .lookup = lookup_la57,
	.isa = PT_ISA(isa_x86_64), .soft = &soft, FIRST_STAGE(fields),
};
const struct pt_format pt_npt = {
	.name = "npt", .title = "AMD nested paging, four levels", .levels = 4, .va_bits = 48, .shared_level = 3,
	.level = { PTE_LEVEL, PDE_LEVEL, PPE_LEVEL, PXE_LEVEL }, .lookup = lookup_npt, SECOND_STAGE,
};
const struct pt_format pt_npt5 = {
	.name = "npt5", .title = "AMD nested paging, five levels", .levels = 5, .va_bits = 57, .shared_level = 4,
	.level = { PTE_LEVEL, PDE_LEVEL, PPE_LEVEL, PXE_LEVEL, P5E_LEVEL }, .lookup = lookup_npt5, SECOND_STAGE,
};
