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
 * First-level type 3 exists only with PXN; without, it is bad. Rights are AP[2:0], XN and PXN (paging/arm_rights.h).
 *
 * Pages of repeated entries are read, split and removed, never made: sixteen stores cannot be published at once.
 *
 * Letters of `pte` (ours; no debugger has published any): x86's columns, so that one table is learnt once.
 *   - G L - A N T U W E V     G: nG clear   L: section or large page   A: AP[0]   N: C clear   T: B clear
 *                             U: AP[1]      W: AP[2] clear             E: XN clear; a table entry has only E and V
 */
#include "paging/arm_memory.h"
#include "paging/arm_rights.h"
#include "paging/bulk.h"
#include "paging/lookup.h"
#include "paging/pieces.h"
#include "paging/soft.h"

/* Bits 1:0 are the type; PAGE is one bit of it, next to XN or PXN. */
enum { TYPE_MASK = 3, TYPE_TABLE = 1, TYPE_PAGE = 2, TYPE_PXN = 3, SUPER = 1 << 18 };
enum { SECTION_PXN = 1 << 0, TABLE_PXN = 1 << 2, DOMAIN_SHIFT = 5, USER_DOMAIN = 1 << DOMAIN_SHIFT };

/* What the kinds of entry do not have in common: bytes of the output, position of the fields of a leaf, address bits above 31. */
static const struct pt_piece none[] = { { 0, 0, 0 } }, super_high[] = { { 20, 4, 32 }, { 5, 4, 36 }, { 0, 0, 0 } };
struct shape { uint32_t size; uint8_t ap01, ap2, tex, s, ng, xn; const struct pt_piece *high; };
static const struct shape small = { 1u << 12, 4, 9, 6, 10, 11, 0, none };
static const struct shape large = { 1u << 16, 4, 9, 12, 10, 11, 15, none };
static const struct shape table = { 1u << 10, 0, 0, 0, 0, 0, 0, none };
static const struct shape section = { 1u << 20, 10, 15, 12, 16, 17, 4, none };
static const struct shape super = { 1u << 24, 10, 15, 12, 16, 17, 4, super_high };

PT_INLINE const struct shape *shape_of(unsigned level, uint32_t v)
{
	if (level == 0)
		return v & TYPE_PAGE ? &small : &large;
	return (v & TYPE_MASK) == TYPE_TABLE ? &table : v & SUPER ? &super : &section;
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	const struct shape *s = shape_of(level, (uint32_t)pte.v);

	(void)mode;
	(void)va;
	return (struct pt_output){ PADDR(((uint32_t)pte.v & ~(s->size - 1)) | (level ? pt_gather(s->high, pte.v) : 0)), s->size };
}

PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	unsigned type = pte.v & TYPE_MASK;

	if (type == 0)
		return pte.v ? PT_SOFT : PT_EMPTY;
	if (level == 1 && type == TYPE_TABLE)
		return PT_TABLE;
	if (level == 1 && ((type == TYPE_PXN && !mode->pxn) || output(mode, 1, pte, 0).pa.v >> mode->pa_bits))
		return PT_BAD;
	return PT_LEAF;
}

static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	const struct shape *s = shape_of(level, (uint32_t)pte.v);
	uint64_t kept = (s->size - 1) & ~pt_scatter(s->high, UINT64_MAX);

	(void)mode;
	return PTE((pte.v & kept) | (uint32_t)pa.v | pt_scatter(s->high, pa.v));
}

PT_PAGE_FROM(kind, output)
PT_NEXT_TABLE_FROM(kind, output)

/* The user half has its own domain: one write to DACR denies the kernel access to all of it. */
static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)level;
	return PTE(table.v | TYPE_TABLE | (va < mode->user_end ? USER_DOMAIN | (mode->pxn ? TABLE_PXN : 0) : 0));
}

static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	const struct shape *s = level ? &section : &small;
	uint32_t memory = arm_tex_for(mode, prot & PROT_CACHE_MASK), ap = arm_ap_for(mode, prot), v;

	if (!(prot & PROT_R) || memory >= ARM_TEX_TYPES || !IS_ALIGNED(pa.v, s->size))
		return ERR_INVALID;
	if (pa.v >> 32 || pa.v >> mode->pa_bits)
		return ERR_RANGE;
	/* Memory that is cached is shareable, because other CPUs and coherent devices can access it. */
	v = (uint32_t)pa.v | TYPE_PAGE | (ap & 3) << s->ap01 | ap >> 2 << s->ap2 | (memory & 3) << 2 |
	    memory >> 2 << s->tex | (uint32_t)((prot & PROT_CACHE_MASK) == CACHE_WB) << s->s |
	    (uint32_t)!(prot & PROT_GLOBAL) << s->ng | (uint32_t)!(prot & PROT_X) << s->xn;
	/* The kernel must not execute user code. Below a table, only the PXN bit of the table descriptor can express that. */
	if (level && mode->pxn && ((prot & PROT_U) || !(prot & PROT_X)))
		v |= SECTION_PXN;
	*out = PTE(v | (level && mode->user_end && (prot & PROT_U) ? USER_DOMAIN : 0));
	return OK;
}

/* A leaf that may be written has AP[2] clear, for any AP[1:0]. There is no bit for a copy-on-write mark. */
static pte_t write_protect(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	return PTE(pte.v | 1u << (level ? &section : &small)->ap2);
}

PT_BULK_FROM(uint32_t, page, write_protect)

/* TEX, C and B. */
PT_INLINE unsigned memory_type(const struct shape *s, uint32_t v)
{
	return (v >> s->tex & 7) << 2 | (v >> 2 & 3);
}

/* Supersections have no domain field and are in domain 0. A large or small page is in its table's. */
PT_INLINE prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	uint32_t v = (uint32_t)pte.v, pxn = mode->pxn ? v : 0;
	const struct shape *s = shape_of(level, v);
	prot_t domain = arm_domain_rights(mode, s == &super ? 0 : v >> DOMAIN_SHIFT & 0xF), leaf;

	if (s == &table)
		return domain | (pxn & TABLE_PXN ? PROT_NO_KERNEL_X : 0);
	leaf = arm_ap_rights(mode, (v >> s->ap01 & 3) | (v >> s->ap2 & 1) << 2) | arm_tex_cache(mode, memory_type(s, v)) |
	       (v >> s->ng & 1 ? 0 : PROT_GLOBAL);
	leaf = arm_add_execute(leaf, v >> s->xn & 1, level && (pxn & SECTION_PXN));
	return level ? arm_limit_by_domain(leaf, domain) : leaf;
}

static const char *memory(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	const struct shape *s = shape_of(level, (uint32_t)pte.v);

	return arm_tex_words(mode, memory_type(s, (uint32_t)pte.v), (uint32_t)pte.v >> s->s & 1);
}

static const struct pt_words words[] = { { "TEX", arm_tex_field }, { "Domain", arm_domain_words }, { NULL, NULL } };

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
	.level = { { 12, 8, true, "L2", "second-level descriptor", "pte" },
	           { 20, 12, true, "L1", "first-level descriptor", "pgd" } },
	.fields = fields, .field_count = ARRAY_LEN(fields), .soft = &soft, .lookup = lookup, PT_FORMAT_FUNCTIONS,
	.write_protect = write_protect, .words = words, .memory = memory, .memory_by = arm_tex_by, .isa = PT_ISA(isa_arm_short),
};
