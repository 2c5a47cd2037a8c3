/* paging/fmt_arm64_stage2.c - AArch64's second stage: from the addresses of a guest to those of the machine.
 * SPDX-License-Identifier: MIT
 *
 * DDI 0487 D8.3.1 (descriptors), D8.4.4 (permissions), D8.5.5 (memory types), D8.2.2 (concatenated tables):
 *
 *          63 59 58 55  54 53  52   51  50     48 47       12  11  10 9 8  7 6   5       2  1 0
 *   leaf  |  -  | soft |XN1:0|cont|DBM|    0     | frame     |FnXS|AF| SH |W|R| MemAttr   |t|1|
 *   table |          -               |    0     | table     |          -                 |1|1|
 *
 * A table has no attributes. R and W are S2AP. XN: 0 all may execute, 1 the guest's user mode alone, 2 none, 3 its kernel alone.
 * The walk begins at the level that VTCR says, with up to sixteen tables side by side: the mode's VA bits say how many.
 */
#include "paging/arm_memory.h"
#include "paging/fmt_arm64.h"
#include "paging/fmt_arm_long.h"

#define ATTR_SHIFT 2
#define S2_R     (1ull << 6)
#define S2_W     (1ull << 7)
#define SH_INNER (3ull << 8)
#define AF       (1ull << 10)
#define XN_SHIFT 53
#define SOFT_COW (1ull << 56)

enum { XN_NONE, XN_KERNEL, XN_ALL, XN_USER };

/* A table has no attributes. */
static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)va;
	(void)level;
	return PTE(placed(mode, table.v) | VALID | TABLE_PAGE);
}

/* XN 2 forbids both modes of the guest. */
static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	/* Write-back, write-through, not cached, Device-nGnRE. */
	static const uint8_t attributes[] = { 0xF, 0xA, 0x5, 0x1 };
	unsigned cache = (prot & PROT_CACHE_MASK) / CACHE_WT;

	if (!(prot & PROT_R) || !has_leaf(mode, level) || !IS_ALIGNED(pa.v, pt_level_size(mode->format, level)))
		return ERR_INVALID;
	if (pa.v >> mode->pa_bits || frame(mode, PTE(placed(mode, pa.v))) != pa.v)
		return ERR_RANGE;
	*out = PTE(placed(mode, pa.v) | VALID | (level ? 0 : TABLE_PAGE) | S2_R | (prot & PROT_W ? S2_W : 0) |
	           (prot & PROT_X ? 0 : (uint64_t)XN_ALL << XN_SHIFT) | (prot & PROT_ACCESSED ? AF : 0) |
	           (prot & PROT_COW ? SOFT_COW : 0) | (is_lpa2(mode) ? 0 : SH_INNER) |
	           (uint64_t)attributes[cache] << ATTR_SHIFT);
	return OK;
}

static pte_t write_protect(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	(void)level;
	return pte.v & S2_W ? PTE((pte.v & ~S2_W) | SOFT_COW) : pte;
}

PT_BULK_FROM(uint64_t, page, write_protect)

/* By the inner half; an outer half of zero is device memory (D8.5.5). */
PT_INLINE prot_t cache_of(unsigned attributes)
{
	static const prot_t inner[] = { CACHE_UC, CACHE_UC_MINUS, CACHE_WT, CACHE_WB };

	return attributes >> 2 ? inner[attributes & 3] : CACHE_UC;
}

/* Both modes of the guest: U is always set, and what XN forbids is applied at the end. */
PT_INLINE prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	static const prot_t execute[] = {
		[XN_NONE] = PROT_X, [XN_KERNEL] = PROT_X | PROT_NO_KERNEL_X, [XN_ALL] = PROT_NO_USER_X | PROT_NO_KERNEL_X,
		[XN_USER] = PROT_X | PROT_NO_USER_X,
	};

	(void)mode;
	if (level > 0 && (pte.v & TABLE_PAGE))
		return PROT_RIGHTS;
	return PROT_U | (pte.v & S2_R ? PROT_R : 0) | (pte.v & S2_W ? PROT_W | PROT_DIRTY : 0) | execute[pte.v >> XN_SHIFT & 3] |
	       (pte.v & AF ? PROT_ACCESSED : 0) | (pte.v & SOFT_COW ? PROT_COW : 0) | cache_of(pte.v >> ATTR_SHIFT & 15);
}

/* ---- words ---- */

/* The nibbles of a MAIR byte with the same meaning: device types have an outer half of zero. */
static const char *say_attributes(const struct pt_mode *mode, uint64_t value)
{
	static const uint8_t policy[] = { 0, 0x4, 0xB, 0xF };
	static const uint8_t device[] = { 0x0, 0x4, 0x8, 0xC };
	unsigned outer = value >> 2 & 3, inner = value & 3;

	(void)mode;
	if (!outer)
		return arm_mair_words(device[inner]);
	return inner ? arm_mair_words((unsigned)(policy[outer] << 4 | policy[inner])) : "reserved";
}

static const char *memory(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)level;
	return say_attributes(mode, pte.v >> ATTR_SHIFT & 15);
}

static const char *say_execute(const struct pt_mode *mode, uint64_t value)
{
	static const char *const text[] = {
		"executable", "executable by user mode alone", "not executable", "executable by the kernel alone",
	};

	(void)mode;
	return text[value & 3];
}

static const char *say_shareable(const struct pt_mode *mode, uint64_t value)
{
	static const char *const text[] = { "not shareable", "reserved", "outer shareable", "inner shareable" };

	(void)mode;
	return text[value & 3];
}

static const struct pt_words words[] = {
	{ "MemAttr", say_attributes }, { "XN", say_execute }, { "SH", say_shareable }, { NULL, NULL },
};

#define S2_FIELDS \
	{ "Valid", 0, 1, 31, 7, 8, 'V', '-', "present", "not present" }, \
	{ "NotLargePage", 1, 1, 30, 3, 7, '-', 'L', "table below", "large page" }, \
	{ "TablePage", 1, 1, 1, 2, 0, 0, 0, "page", "bad" }, \
	{ "MemAttr", 2, 4, 31, 2, 0, 0, 0, NULL, NULL }, \
	{ "S2AP[0]", 6, 1, 31, 2, 2, 'R', '-', "readable", "not readable" }, \
	{ "S2AP[1]", 7, 1, 31, 2, 3, 'W', '-', "writable", "not writable" }, \
	{ "AF", 10, 1, 31, 2, 5, 'A', '-', "accessed", "not accessed" }, \
	{ "FnXS", 11, 1, 31, 2, 0, 0, 0, "XS is 0 for the page", "XS is the first stage's" }, \
	{ "DBM", 51, 1, 31, 2 | PT_FIELD_NOT_DT, 6, 'D', '-', "the CPU may set S2AP[1] at a write (VTCR.HD)", "no dirty state" }, \
	{ "Contiguous", 52, 1, 31, 2, 0, 0, 0, "one of a row of entries", "on its own" }, \
	{ "XN", 53, 2, 31, 2, 4, '-', 'X', NULL, NULL }, \
	{ "CopyOnWrite", 56, 1, 31, 2, 1, 'C', '-', "copy on write", "not copy on write" }
#define SH_FIELD { "SH", 8, 2, 31, 2, 0, 0, 0, NULL, NULL }

static const struct pt_field fields_4k[] = { S2_FIELDS, SH_FIELD, ARM64_FIELDS_4K };
static const struct pt_field fields_16k[] = { S2_FIELDS, SH_FIELD, ARM64_FIELDS_16K };
static const struct pt_field fields_64k[] = { S2_FIELDS, SH_FIELD, ARM64_FIELDS_64K };
static const struct pt_field fields_4k_lpa2[] = { S2_FIELDS, ARM64_FIELDS_4K_LPA2 };
static const struct pt_field fields_16k_lpa2[] = { S2_FIELDS, ARM64_FIELDS_16K_LPA2 };

static const struct pt_soft_field soft_fields[] = {
	SOFT_FIELDS(SOFT_IN_ANY), { "ProtoAddress", 32, 32, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields) };

PT_LOOKUP_FROM(lookup_4k, pt_s2_a64)
PT_LOOKUP_FROM(lookup_16k, pt_s2_a64_16k)
PT_LOOKUP_FROM(lookup_64k, pt_s2_a64_64k)
PT_LOOKUP_FROM(lookup_4k_lpa2, pt_s2_a64_lpa2)
PT_LOOKUP_FROM(lookup_16k_lpa2, pt_s2_a64_16k_lpa2)

/* The register: VMID, CnP. */
#define COMMON(table) \
	.entry_bytes = 8, .letters = 8, .root_attributes = 0xFFFF000000000001ull, .soft = &soft, \
	.caps = PT_HAS_NX | PT_FEWER_LEVELS | PT_SECOND_STAGE, .fields = (table), .field_count = ARRAY_LEN(table), \
	.isa = PT_ISA(isa_arm64_s2), PT_FORMAT_FUNCTIONS, .write_protect = write_protect, .words = words, .memory = memory

const struct pt_format pt_s2_a64 = {
	.name = "s2_a64", .title = "AArch64, second stage, 4 KiB granule", GRANULE_4K, .lookup = lookup_4k, COMMON(fields_4k),
};
const struct pt_format pt_s2_a64_16k = {
	.name = "s2_a64_16k", .title = "AArch64, second stage, 16 KiB granule", GRANULE_16K, .lookup = lookup_16k,
	COMMON(fields_16k),
};
const struct pt_format pt_s2_a64_64k = {
	.name = "s2_a64_64k", .title = "AArch64, second stage, 64 KiB granule", GRANULE_64K, .lookup = lookup_64k,
	COMMON(fields_64k),
};
const struct pt_format pt_s2_a64_lpa2 = {
	.name = "s2_a64_lpa2", .title = "AArch64, second stage, 4 KiB granule with LPA2", GRANULE_4K_LPA2,
	.lookup = lookup_4k_lpa2, COMMON(fields_4k_lpa2),
};
const struct pt_format pt_s2_a64_16k_lpa2 = {
	.name = "s2_a64_16k_lpa2", .title = "AArch64, second stage, 16 KiB granule with LPA2", GRANULE_16K_LPA2,
	.lookup = lookup_16k_lpa2, COMMON(fields_16k_lpa2),
};
