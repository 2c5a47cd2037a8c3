/* tests/host/paging/fmt_sv39.c - a format of the tests alone: its frame number is not at the bits of the address.
 * SPDX-License-Identifier: MIT
 *
 * RISC-V Privileged Architecture, 4.4 (Sv39), with A and D set by software (Svade). The walker must not care that the
 * frame number begins at bit 10:
 *
 *    63    54 53           10 9  8 7 6 5 4 3 2 1 0
 *   |  zero  | frame number   |rsw|D|A|G|U|X|W|R|V|      R, W and X zero: a table
 */
#include "tests/host/paging/sim.h"
#include "paging/bulk.h"
#include "paging/lookup.h"
#include "paging/soft.h"

#define V      (1ull << 0)
#define R      (1ull << 1)
#define W      (1ull << 2)
#define X      (1ull << 3)
#define U      (1ull << 4)
#define G      (1ull << 5)
#define A      (1ull << 6)
#define D      (1ull << 7)
#define COW    (1ull << 8)
#define FRAME_SHIFT 10
#define FRAME  0x003FFFFFFFFFFC00ull
#define ZERO   0xFFC0000000000000ull

PT_INLINE uint64_t address(pte_t pte)
{
	return (pte.v & FRAME) >> FRAME_SHIFT << PAGE_SHIFT;
}

PT_INLINE enum pt_kind kind(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	if (!(pte.v & V))
		return pte.v ? PT_SOFT : PT_EMPTY;
	if ((pte.v & ZERO) || address(pte) >> mode->pa_bits || ((pte.v & W) && !(pte.v & R)))
		return PT_BAD;
	if (!(pte.v & (R | X)))
		return level == 0 || (pte.v & (U | A | D)) ? PT_BAD : PT_TABLE;
	return address(pte) & (pt_level_size(mode->format, level) - 1) ? PT_BAD : PT_LEAF;
}

PT_INLINE struct pt_output output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	uint64_t size = pte.v & (R | X) ? pt_level_size(mode->format, level) : PAGE_SIZE;

	(void)va;
	return (struct pt_output){ PADDR(address(pte) & ~(size - 1)), size };
}

static pte_t with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	(void)mode;
	(void)level;
	return PTE((pte.v & ~FRAME) | pa.v >> PAGE_SHIFT << FRAME_SHIFT);
}

PT_PAGE_FROM(kind, output)
PT_NEXT_TABLE_FROM(kind, output)

static pte_t write_protect(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	(void)level;
	return pte.v & W ? PTE((pte.v & ~W) | COW) : pte;
}

PT_BULK_FROM(uint64_t, page, write_protect)

static pte_t make_table(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va)
{
	(void)va;
	return with_output(mode, level, PTE(V), table);
}

static err_t make_leaf(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out)
{
	if (!(prot & PROT_R) || !IS_ALIGNED(pa.v, pt_level_size(mode->format, level)))
		return ERR_INVALID;
	if (pa.v >> mode->pa_bits)
		return ERR_RANGE;
	*out = with_output(mode, level, PTE(V | R | (prot & PROT_W ? W : 0) | (prot & PROT_X ? X : 0) | (prot & PROT_U ? U : 0) |
	                   (prot & PROT_GLOBAL ? G : 0) | (prot & PROT_ACCESSED ? A : 0) | (prot & PROT_DIRTY ? D : 0) |
	                   (prot & PROT_COW ? COW : 0)), pa);
	return OK;
}

static prot_t prot(const struct pt_mode *mode, unsigned level, pte_t pte)
{
	(void)mode;
	(void)level;
	if (!(pte.v & (R | X)))
		return PROT_RIGHTS;
	return (pte.v & R ? PROT_R : 0) | (pte.v & W ? PROT_W : 0) | (pte.v & X ? PROT_X : 0) | (pte.v & U ? PROT_U : 0) |
	       (pte.v & G ? PROT_GLOBAL : 0) | (pte.v & A ? PROT_ACCESSED : 0) | (pte.v & D ? PROT_DIRTY : 0) |
	       (pte.v & COW ? PROT_COW : 0);
}

static const struct pt_field fields[] = {
	{ "V", 0, 1, 7, 7, 1, 'V', '-', "present", "not present" },
	{ "PPN", FRAME_SHIFT, 44, 7, 3, 0, 0, 0, NULL, NULL },
};

static const struct pt_soft_field soft_fields[] = {
	PT_SOFT_COMMON(64, 32, SOFT_IN_ANY, SOFT_IN_ANY),
	{ "PageFileLow", 1, 4, SOFT_IN_PAGEFILE, SOFT_FILE, 0 },
	{ "PageFrameNumber", 12, 40, SOFT_IN_TRANSITION, SOFT_FRAME, 0 },
	{ "ProtoAddress", 32, 32, SOFT_IN_PROTOTYPE, SOFT_PROTO, 0 },
};
static const struct pt_soft_layout soft = { PT_SOFT_LAYOUT(soft_fields) };

PT_LOOKUP_FROM(lookup, test_sv39)

const struct pt_format test_sv39 = {
	.name = "sv39", .title = "three levels, frame number from bit 10 on", .entry_bytes = 8, .levels = 3, .va_bits = 39,
	.pa_bits = 56, .shared_level = 2, .letters = 1, .root_bits = 56,
	.caps = PT_HAS_NX | PT_SIGN_EXTEND,
	.level = { { 12, 9, true, "PTE", "PTE", "pte" }, { 21, 9, true, "PDE", "PDE", "pmd" },
	           { 30, 9, true, "PPE", "PPE", "pgd" } },
	.fields = fields, .field_count = ARRAY_LEN(fields),
	PT_FORMAT_FUNCTIONS, .write_protect = write_protect,
	.soft = &soft, .lookup = lookup,
};
