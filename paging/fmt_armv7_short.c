/* paging/fmt_armv7_short.c - ARMv7 short descriptors: 16 KiB of first level, 1 KiB tables below, 32-bit entries.
 * SPDX-License-Identifier: MIT
 *
 * ARM DDI 0406C B3.5.1. Manual level 1 is level 1 here, level 2 is level 0.
 *
 *                 31          20 19 18 17 16  15  14 12 11 10  9  8    5  4  3 2  1 0
 *   section      | frame        |NS| 0|nG| S|AP[2]| TEX |AP 1:0| - |domain|XN|C|B|1|PXN|
 *   supersection | 31:24, 35:32 |NS| 1|nG| S|AP[2]| TEX |AP 1:0| - |39:36 |XN|C|B|1|PXN|   the same entry 16 times
 *   table        | table 31:10                                 | - |domain| 0|NS|PXN|0 1|
 *
 *                 31       16 15 14 12 11 10   9   8  6 5   4  3 2 1 0
 *   large page   | frame     |XN| TEX |nG| S|AP[2]|  0 |AP 1:0|C|B|0|1|    64 KiB: the same entry 16 times
 *   small page   | frame 31:12        |nG| S|AP[2]| TEX|AP 1:0|C|B|1|XN|
 *
 * First-level type 3 exists only with PXN; without, it is bad. AP[2] forbids writing, AP[1] lets user mode in;
 * AP[0] is the access flag with SCTLR.AFE on and must be one with it off: 4 is reserved, 0 forbids everything, and
 * 2 (the kernel may write, user mode read) is shown as read-only, for PROT_* has no third reader.
 *
 * Pages of repeated entries are read, split and removed, never made: sixteen stores cannot be published at once.
 *
 * Letters of `pte` (ours; no debugger has published any): x86's columns, so that one table is learnt once.
 *   - G L - A N T U W E V     G: nG clear   L: section or large page   A: AP[0]   N: C clear   T: B clear
 *                             U: AP[1]      W: AP[2] clear             E: XN clear; a table entry has only E and V
 */
#include "paging/arm_memory.h"
#include "paging/bulk.h"
#include "paging/lookup.h"
#include "paging/soft.h"

#define TYPE_MASK    3u
#define TYPE_TABLE   1u        /* first level; second level: a large page */
#define TYPE_PAGE    2u        /* bit; first level: a section */
#define TYPE_PXN     3u        /* first level: a section with PXN, or bad */
#define SECTION_PXN  (1u << 0)
#define TABLE_PXN    (1u << 2)
#define SUPER        (1u << 18)
#define AP0          (1u << 0)
#define AP_USER      (1u << 1)
#define AP_RO        (1u << 2)
#define DOMAIN_SHIFT 5
#define USER_DOMAIN  (1u << DOMAIN_SHIFT)
#define TABLE_MASK   0xFFFFFC00u

#define LARGE_SIZE   0x10000u
#define SUPER_SIZE   0x1000000u

/* Where a leaf keeps what all leaves have. */
struct place { uint8_t ap01, ap2, tex, s, ng, xn; };
enum leaf_type { SMALL, LARGE, SECTION };
static const struct place places[] = {
	[SMALL] = { 4, 9, 6, 10, 11, 0 }, [LARGE] = { 4, 9, 12, 10, 11, 15 }, [SECTION] = { 10, 15, 12, 16, 17, 4 },
};

static bool is_super(unsigned level, uint32_t v)
{
	return level == 1 && (v & SUPER);
}

static uint64_t super_base(uint32_t v)
{
	return (v & 0xFF000000u) | (uint64_t)(v >> 20 & 0xF) << 32 | (uint64_t)(v >> 5 & 0xF) << 36;
}

#define SUPER_BASE 0xFFF001E0u

static uint32_t super_bits(uint64_t base)
{
	return ((uint32_t)base & 0xFF000000u) | (uint32_t)(base >> 32 & 0xF) << 20 | (uint32_t)(base >> 36 & 0xF) << 5;
}

static enum leaf_type leaf_type(unsigned level, uint32_t v)
{
	return level ? SECTION : v & TYPE_PAGE ? SMALL : LARGE;
}

PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	unsigned type = pte.v & TYPE_MASK;

	if (type == 0)
		return pte.v ? PT_SOFT : PT_EMPTY;
	if (level == 0)
		return PT_LEAF;
	if (type == TYPE_TABLE)
		return PT_TABLE;
	if ((type == TYPE_PXN && !mode->pxn) || (is_super(level, (uint32_t)pte.v) &&
	    super_base((uint32_t)pte.v) >> mode->pa_bits))
		return PT_BAD;
	return PT_LEAF;
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	uint32_t v = (uint32_t)pte.v;
	uint64_t size = pt_level_size(mode->format, level);

	(void)va;
	if (level == 1 && (v & TYPE_MASK) == TYPE_TABLE)
		return (struct pt_output){ PADDR(v & TABLE_MASK), pt_table_bytes(mode->format, 0) };
	if (is_super(level, v))
		return (struct pt_output){ PADDR(super_base(v)), SUPER_SIZE };
	if (level == 0 && !(v & TYPE_PAGE))
		size = LARGE_SIZE;
	return (struct pt_output){ PADDR(v & ~(uint32_t)(size - 1)), size };
}

static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	uint64_t size = output(mode, level, pte, 0).size;

	return size == SUPER_SIZE ? PTE((pte.v & ~SUPER_BASE) | super_bits(pa.v)) : PTE((pte.v & (size - 1)) | pa.v);
}

PT_PAGE_FROM(kind, output)
PT_NEXT_TABLE_FROM(kind, output)

/* The user half has its own domain: one write to DACR denies the kernel access to all of it. */
static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	bool user = va < mode->user_end;

	(void)level;
	return PTE(table.v | TYPE_TABLE | (user ? USER_DOMAIN : 0) | (user && mode->pxn ? TABLE_PXN : 0));
}

static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	const struct place *p = &places[level ? SECTION : SMALL];
	unsigned memory = arm_tex_for(mode, prot & PROT_CACHE_MASK);
	unsigned ap = !mode->afe || (prot & PROT_ACCESSED) ? AP0 : 0;
	uint32_t v = TYPE_PAGE;

	if (!(prot & PROT_R) || memory >= ARM_TEX_TYPES || !IS_ALIGNED(pa.v, pt_level_size(mode->format, level)))
		return ERR_INVALID;
	if (pa.v >> 32 || pa.v >> mode->pa_bits)
		return ERR_RANGE;
	ap |= (prot & PROT_U ? AP_USER : 0) | (prot & PROT_W ? 0 : AP_RO);
	v |= (ap & 3) << p->ap01 | (ap >> 2) << p->ap2;
	v |= (memory & 3) << 2 | (memory >> 2) << p->tex;
	/* Shareable, because other CPUs and coherent devices can access the memory. */
	v |= (uint32_t)((prot & PROT_CACHE_MASK) == CACHE_WB) << p->s;
	v |= (uint32_t)!(prot & PROT_GLOBAL) << p->ng;
	v |= (uint32_t)!(prot & PROT_X) << p->xn;
	/* The kernel must not execute user code. Below a table, only the PXN bit of the table descriptor can express that. */
	if (level && mode->pxn && ((prot & PROT_U) || !(prot & PROT_X)))
		v |= SECTION_PXN;
	if (level && mode->user_end && (prot & PROT_U))
		v |= USER_DOMAIN;
	*out = PTE((uint32_t)pa.v | v);
	return OK;
}

/* A leaf that may be written has AP[2] clear, for any AP[1:0]. There is no bit for a copy-on-write mark. */
static pte_t write_protect(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	const struct place *p = &places[level ? SECTION : SMALL];

	(void)mode;
	return PTE(pte.v | (uint32_t)(AP_RO >> 2) << p->ap2);
}

PT_BULK_FROM(uint32_t, page, write_protect)

/* Access of the domain in DACR: no access, client, reserved (no access), manager (unchecked). B3.7.3. */
PT_INLINE prot_t domain_rights(const struct pt_mode *mode, uint32_t v)
{
	unsigned domain = is_super(1, v) && (v & TYPE_PAGE) ? 0 : v >> DOMAIN_SHIFT & 0xF;
	static const prot_t rights[] = { 0, PROT_RIGHTS, 0, PROT_RIGHTS | PROT_UNCHECKED };

	return rights[mode->dacr >> 2 * domain & 3];
}

/* B3.7.1, table B3-8. */
PT_INLINE prot_t ap_rights(const struct pt_mode *mode, unsigned ap)
{
	static const prot_t simple[] = { PROT_R | PROT_W, PROT_R | PROT_W | PROT_U, PROT_R, PROT_R | PROT_U };
	static const prot_t full[] = {
		0, PROT_R | PROT_W, PROT_R | PROT_U, PROT_R | PROT_W | PROT_U,
		0, PROT_R, PROT_R | PROT_U, PROT_R | PROT_U,
	};

	if (mode->afe)
		return simple[ap >> 1] | (ap & AP0 ? PROT_ACCESSED : 0);
	return full[ap] | PROT_ACCESSED;
}

PT_INLINE prot_t leaf_rights(const struct pt_mode *mode, unsigned level, uint32_t v)
{
	const struct place *p = &places[leaf_type(level, v)];
	prot_t prot = ap_rights(mode, (v >> p->ap01 & 3) | (v >> p->ap2 & 1) << 2);

	prot |= arm_tex_cache(mode, (v >> p->tex & 7) << 2 | (v >> 2 & 3));
	if (prot & PROT_W)
		prot |= PROT_DIRTY;
	if (!(v >> p->ng & 1))
		prot |= PROT_GLOBAL;
	if (v >> p->xn & 1)
		return prot | PROT_NO_USER_X | PROT_NO_KERNEL_X;
	if (level && mode->pxn && (v & SECTION_PXN))
		return prot | PROT_NO_KERNEL_X | (prot & PROT_U ? PROT_X : 0);
	return prot & PROT_R ? prot | PROT_X : prot;
}

PT_INLINE prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	uint32_t v = (uint32_t)pte.v;
	bool table = level == 1 && (v & TYPE_MASK) == TYPE_TABLE;
	prot_t domain, leaf;

	if (table)
		return domain_rights(mode, v) | (mode->pxn && (v & TABLE_PXN) ? PROT_NO_KERNEL_X : 0);
	leaf = leaf_rights(mode, level, v);
	if (level == 0)
		return leaf;
	domain = domain_rights(mode, v);
	if (domain & PROT_UNCHECKED)
		return (leaf & ~(prot_t)PROT_BELOW) | PROT_RIGHTS;
	return domain ? leaf : leaf & ~(prot_t)(PROT_RIGHTS | PROT_BELOW);
}

static const char *memory(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	const struct place *p = &places[leaf_type(level, (uint32_t)pte.v)];

	return arm_tex_words(mode, ((uint32_t)pte.v >> p->tex & 7) << 2 | (pte.v >> 2 & 3), (uint32_t)pte.v >> p->s & 1);
}

static const char *say_domain(const struct pt_mode *mode, uint64_t value)
{
	static const char *const text[] = {
		"no access, by DACR", "client by DACR: permissions are checked", "reserved in DACR: no access",
		"manager by DACR: permissions are not checked",
	};

	return text[mode->dacr >> 2 * (value & 15) & 3];
}

static const struct pt_words words[] = { { "TEX", arm_tex_field }, { "Domain", say_domain }, { NULL, NULL } };

#define SHOULD_BE_ZERO "should be zero, the CPU ignores it", "zero, as it should be"
/* Columns: levels 1 = second, 2 = first; forms 1 table, 2 leaf, 8 repeated (large page, supersection). */
static const struct pt_field fields[] = {
	/* second level */
	{ "ExecuteNever", 0, 1, 1, 2, 10, '-', 'E', "not executable", "executable" },
	{ "ExecuteNever", 15, 1, 1, 8, 10, '-', 'E', "not executable", "executable" },
	{ "SmallPage", 1, 1, 1, 10, 3, '-', 'L', "4 KiB page", "64 KiB page, entry repeated" },
	{ "Valid", 0, 2, 1, 14, 11, 'V', '-', "present", "not present" },
	{ "B", 2, 1, 1, 10, 7, '-', 'T', "bufferable", "not bufferable" },
	{ "C", 3, 1, 1, 10, 6, '-', 'N', "cacheable", "not cacheable" },
	{ "AP[0]", 4, 1, 1, 10, 5, 'A', '-', "accessed (AFE) or checked", "not accessed (AFE) or no access" },
	{ "AP[1]", 5, 1, 1, 10, 8, 'U', 'K', "user mode may", "kernel mode only" },
	{ "TEX", 6, 3, 1, 2, 0, 0, 0, NULL, NULL },
	{ "TEX", 12, 3, 1, 8, 0, 0, 0, NULL, NULL },
	{ "SBZ", 6, 3, 1, 8 | PT_FIELD_NOT_DT, 0, 0, 0, SHOULD_BE_ZERO },
	{ "AP[2]", 9, 1, 1, 10, 9, 'R', 'W', "read-only", "writable" },
	{ "Shareable", 10, 1, 1, 10, 0, 0, 0, "shareable", "not shareable" },
	{ "NotGlobal", 11, 1, 1, 10, 2, '-', 'G', "this address space only", "global" },
	{ "PageFrameNumber", 12, 20, 1, 2, 0, 0, 0, NULL, NULL },
	{ "LargePageFrame", 16, 16, 1, 8, 0, 0, 0, NULL, NULL },
	/* first level: section and supersection */
	{ "Valid", 0, 2, 2, 15, 11, 'V', '-', "present", "not present" },
	{ "PrivilegedExecuteNever", 0, 1, 2, 10, 0, 0, 0, "not executable by the kernel", "kernel may execute" },
	{ "Section", 1, 1, 2, 11, 3, 'L', '-', "section", "table below" },
	{ "B", 2, 1, 2, 10, 7, '-', 'T', "bufferable", "not bufferable" },
	{ "C", 3, 1, 2, 10, 6, '-', 'N', "cacheable", "not cacheable" },
	{ "ExecuteNever", 4, 1, 2, 10, 10, '-', 'E', "not executable", "executable" },
	{ "Domain", 5, 4, 2, 3, 0, 0, 0, NULL, NULL },
	{ "ExtendedBase39_36", 5, 4, 2, 8, 0, 0, 0, NULL, NULL },
	{ "IMP", 9, 1, 2, 11 | PT_FIELD_NOT_DT, 0, 0, 0, "implementation defined", "implementation defined" },
	{ "AP[0]", 10, 1, 2, 10, 5, 'A', '-', "accessed (AFE) or checked", "not accessed (AFE) or no access" },
	{ "AP[1]", 11, 1, 2, 10, 8, 'U', 'K', "user mode may", "kernel mode only" },
	{ "TEX", 12, 3, 2, 10, 0, 0, 0, NULL, NULL },
	{ "AP[2]", 15, 1, 2, 10, 9, 'R', 'W', "read-only", "writable" },
	{ "Shareable", 16, 1, 2, 10, 0, 0, 0, "shareable", "not shareable" },
	{ "NotGlobal", 17, 1, 2, 10, 2, '-', 'G', "this address space only", "global" },
	{ "Supersection", 18, 1, 2, 10, 0, 0, 0, "16 MiB, entry repeated", "1 MiB" },
	{ "NonSecure", 19, 1, 2, 10, 0, 0, 0, "non-secure memory", "secure memory" },
	{ "SectionFrame", 20, 12, 2, 2, 0, 0, 0, NULL, NULL },
	{ "ExtendedBase35_32", 20, 4, 2, 8, 0, 0, 0, NULL, NULL },
	{ "SupersectionFrame", 24, 8, 2, 8, 0, 0, 0, NULL, NULL },
	/* first level: table */
	{ "PrivilegedExecuteNever", 2, 1, 2, 1, 10, '-', 'E', "kernel executes nothing below", "pages decide" },
	{ "NonSecure", 3, 1, 2, 1, 0, 0, 0, "non-secure memory", "secure memory" },
	{ "SBZ", 4, 1, 2, 1 | PT_FIELD_NOT_DT, 0, 0, 0, SHOULD_BE_ZERO },
	{ "TableBase", 10, 22, 2, 1, 0, 0, 0, NULL, NULL },
};

/* Bits 1:0, the type, are zero. A prototype's address is that of a word in the upper half. */
static const struct pt_soft_field soft_fields[] = {
	{ "ProtoAddressLow", 2, 8, SOFT_IN_PROTOTYPE, SOFT_PROTO, 2 },
	{ "ProtoAddressHigh", 11, 21, SOFT_IN_PROTOTYPE, SOFT_PROTO, 10 },
	PT_SOFT_COMMON(32, 12, SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE, SOFT_IN_ANY & ~SOFT_IN_PROTOTYPE),
	{ "PageFileLow", 2, 3, SOFT_IN_PAGEFILE, SOFT_FILE, 0 },
	{ "PageFrameNumber", 12, 20, SOFT_IN_TRANSITION, SOFT_FRAME, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields), .proto_first = 0x80000000 };

PT_LOOKUP_FROM(lookup, pt_short)

const struct pt_format pt_short = {
	.name = "short", .title = "ARMv7 short descriptors, two levels, 32-bit entries", .entry_bytes = 4, .levels = 2,
	.va_bits = 32, .pa_bits = 40, .shared_level = 1, .letters = 11,
	.root_bits = 32, .root_attributes = 0x7F, .root_other = "with TTBCR.N above 0 its table is smaller",
	.caps = PT_HAS_NX | PT_REPEATS | PT_HAS_TEX_REMAP | PT_FRAME_IN_PLACE | PT_TWO_ROOTS,
	.level = {
		{ 12, 8, true, "L2", "second-level descriptor", "pte" },
		{ 20, 12, true, "L1", "first-level descriptor", "pgd" },
	},
	.fields = fields, .field_count = ARRAY_LEN(fields),
	.kind = kind, .output = output, .with_output = with_output, .page = page, .frames = frames, .share = share,
	.make_table = make_table, .make_leaf = make_leaf, .prot = prot,
	.write_protect = write_protect, .words = words, .memory = memory,
	.memory_by = arm_tex_by,
	.soft = &soft, .lookup = lookup, .isa = PT_ISA(isa_arm_short),
};
