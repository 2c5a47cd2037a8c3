/* tests/host/paging/variants.c - every format under every CPU setting that changes what its entries mean.
 * SPDX-License-Identifier: MIT
 */
#include "lib/addr.h"
#include "tests/host/paging/sim.h"

/* Index 0 WB, 1 WT, 2 normal uncached, 3 device; then a MAIR in another order, with write-allocate variants. */
#define MAIR_OWN   0x0444BBFFull
#define MAIR_OTHER 0x77BB04EE44AA00FFull
#define CLIENTS    0x55555555u
#define AD         .hw_accessed = true, .hw_dirty = true
/* Linux's TEX remap. */
#define PRRR_LINUX 0xFF0A81A8u
#define NMRR_LINUX 0x40E040E0u

const struct variant variants[] = {
	{ "legacy", &pt_legacy, { .pa_bits = 36, .levels = 2, .pse = true, .pge = true, AD },
	  { .tables = HW_32BIT, .levels = 2, .maxphyaddr = 36, .pse = true } },
	{ "legacy no PSE", &pt_legacy, { .pa_bits = 32, .levels = 2, AD },
	  { .tables = HW_32BIT, .levels = 2, .maxphyaddr = 32 } },
	{ "pae", &pt_pae, { .pa_bits = 36, .levels = 3, .nx = true, .pse = true, .pge = true, AD },
	  { .tables = HW_PAE, .levels = 3, .maxphyaddr = 36, .nxe = true } },
	{ "pae no NX", &pt_pae, { .pa_bits = 40, .levels = 3, .pge = true, AD },
	  { .tables = HW_PAE, .levels = 3, .maxphyaddr = 40 } },
	{ "x64", &pt_x64, { .pa_bits = 40, .levels = 4, .nx = true, .pse = true, .pge = true, .gib_pages = true, AD },
	  { .tables = HW_IA32E, .levels = 4, .maxphyaddr = 40, .nxe = true, .page1gb = true } },
	{ "x64 no NX no 1G", &pt_x64, { .pa_bits = 52, .levels = 4, .pse = true, .pge = true, AD },
	  { .tables = HW_IA32E, .levels = 4, .maxphyaddr = 52 } },
	{ "x64 C-bit", &pt_x64, { .pa_bits = 43, .levels = 4, .nx = true, .pse = true, .pge = true, AD, .encrypted = 1ull << 47 },
	  { .tables = HW_IA32E, .levels = 4, .maxphyaddr = 43, .nxe = true, .cbit = 47 } },
	{ "pae C-bit", &pt_pae, { .pa_bits = 40, .levels = 3, .nx = true, .pse = true, .pge = true, AD, .encrypted = 1ull << 47 },
	  { .tables = HW_PAE, .levels = 3, .maxphyaddr = 40, .nxe = true, .cbit = 47 } },
	{ "la57", &pt_la57, { .pa_bits = 46, .levels = 5, .nx = true, .pse = true, .pge = true, .gib_pages = true, AD },
	  { .tables = HW_IA32E, .levels = 5, .maxphyaddr = 46, .nxe = true, .page1gb = true } },
	{ "short", &pt_short, { .pa_bits = 40, .levels = 2, .dacr = CLIENTS },
	  { .tables = HW_ARM_SHORT, .levels = 2, .maxphyaddr = 40, .dacr = CLIENTS } },
	{ "short AFE PXN", &pt_short, { .pa_bits = 32, .levels = 2, .afe = true, .pxn = true, .dacr = 0x15 },
	  { .tables = HW_ARM_SHORT, .levels = 2, .maxphyaddr = 32, .afe = true, .pxn = true, .dacr = 0x15 } },
	{ "short managers", &pt_short, { .pa_bits = 40, .levels = 2, .pxn = true, .dacr = 0x9DB1E4C5 },
	  { .tables = HW_ARM_SHORT, .levels = 2, .maxphyaddr = 40, .pxn = true, .dacr = 0x9DB1E4C5 } },
	{ "short two domains", &pt_short, { .pa_bits = 40, .levels = 2, .dacr = 0x5, .user_end = 0x80000000 },
	  { .tables = HW_ARM_SHORT, .levels = 2, .maxphyaddr = 40, .dacr = 0x5 } },
	{ "short TRE", &pt_short, { .pa_bits = 40, .levels = 2, .dacr = CLIENTS, .tre = true,
	    .prrr = PRRR_LINUX, .nmrr = NMRR_LINUX },
	  { .tables = HW_ARM_SHORT, .levels = 2, .maxphyaddr = 40, .dacr = CLIENTS, .tre = true,
	    .prrr = PRRR_LINUX, .nmrr = NMRR_LINUX } },
	{ "lpae", &pt_lpae, { .pa_bits = 40, .levels = 3, .mair = MAIR_OWN },
	  { .tables = HW_ARM_LONG, .levels = 3, .maxphyaddr = 40, .mair = MAIR_OWN } },
	{ "lpae other MAIR", &pt_lpae, { .pa_bits = 36, .levels = 3, .mair = MAIR_OTHER },
	  { .tables = HW_ARM_LONG, .levels = 3, .maxphyaddr = 36, .mair = MAIR_OTHER } },
	{ "a64", &pt_a64, { .pa_bits = 48, .levels = 4, .mair = MAIR_OWN },
	  { .tables = HW_AARCH64, .levels = 4, .maxphyaddr = 48, .mair = MAIR_OWN } },
	{ "a64 39 bits", &pt_a64, { .pa_bits = 40, .levels = 3, .mair = MAIR_OTHER },
	  { .tables = HW_AARCH64, .levels = 3, .maxphyaddr = 40, .mair = MAIR_OTHER } },
	{ "a64 TTBR1", &pt_a64, { .pa_bits = 44, .levels = 4, .mair = MAIR_OWN, .upper = true },
	  { .tables = HW_AARCH64, .levels = 4, .maxphyaddr = 44, .mair = MAIR_OWN, .ttbr1 = true } },
	{ "sv32", &pt_sv32, { .pa_bits = 34, .levels = 2 }, { .tables = HW_SV32, .levels = 2, .maxphyaddr = 34 } },
	{ "sv39", &pt_sv39, { .pa_bits = 44, .levels = 3 }, { .tables = HW_SV, .levels = 3, .maxphyaddr = 44 } },
	{ "sv39 Svpbmt Svnapot", &pt_sv39, { .pa_bits = 56, .levels = 3, .pbmt = true, .napot = true },
	  { .tables = HW_SV, .levels = 3, .maxphyaddr = 56, .svpbmt = true, .svnapot = true } },
	{ "sv48 Svpbmt", &pt_sv48, { .pa_bits = 50, .levels = 4, .pbmt = true },
	  { .tables = HW_SV, .levels = 4, .maxphyaddr = 50, .svpbmt = true } },
	{ "sv57 Svnapot", &pt_sv57, { .pa_bits = 56, .levels = 5, .napot = true },
	  { .tables = HW_SV, .levels = 5, .maxphyaddr = 56, .svnapot = true } },
};
const unsigned variant_count = ARRAY_LEN(variants);

prot_t variant_grants(const struct variant *v, prot_t wish)
{
	switch (v->cpu.tables) {
	case HW_32BIT:
		wish |= PROT_X;
		break;
	case HW_PAE:
	case HW_IA32E:
		wish |= v->mode.nx ? 0 : PROT_X;
		break;
	case HW_ARM_SHORT:
		wish &= ~(prot_t)(PROT_COW | PROT_DIRTY);
		wish |= (wish & PROT_W ? PROT_DIRTY : 0) | (v->mode.afe ? 0 : PROT_ACCESSED);
		break;
	case HW_SV32:
	case HW_SV:
		/* There is no write-through. */
		if (!v->mode.pbmt)
			wish &= ~(prot_t)PROT_CACHE_MASK;
		else if ((wish & PROT_CACHE_MASK) == CACHE_WT)
			wish = (wish & ~(prot_t)PROT_CACHE_MASK) | CACHE_UC_MINUS;
		break;
	default:
		wish &= ~(prot_t)PROT_DIRTY;
		wish |= wish & PROT_W ? PROT_DIRTY : 0;
	}
	if (v->cpu.tables <= HW_IA32E && !v->mode.pge)
		wish &= ~(prot_t)PROT_GLOBAL;
	return wish;
}

bool variant_has_pages(const struct variant *v, unsigned level)
{
	switch (v->cpu.tables) {
	case HW_32BIT: return level == 0 || v->mode.pse;
	case HW_PAE: return level < 2;
	case HW_IA32E: return level < 2 || (level == 2 && v->mode.gib_pages);
	case HW_ARM_SHORT:
	case HW_SV32:
	case HW_SV: return true;
	default: return level < 3;
	}
}

unsigned variant_va_bits(const struct variant *v)
{
	switch (v->cpu.tables) {
	case HW_IA32E:
	case HW_SV:
	case HW_AARCH64: return 12 + 9 * v->cpu.levels;
	default: return 32;
	}
}

bool variant_sign_extends(const struct variant *v)
{
	return v->cpu.tables == HW_IA32E || v->cpu.tables == HW_SV;
}

uint64_t variant_va(const struct variant *v, uint64_t flat)
{
	unsigned bits = variant_va_bits(v);

	if (v->cpu.ttbr1 || (variant_sign_extends(v) && flat >> (bits - 1) & 1))
		return flat | ~0ull << bits;
	return flat;
}

#define MAX_TESTS 256

struct job { variant_test run; const struct variant *v; };

static void run_job(void **state)
{
	const struct job *job = *state;

	rnd_seed(0x9E3779B97F4A7C15ull + (uint64_t)(job->v - variants));
	job->run(job->v);
}

int run_for_all(const struct named_test *tests, unsigned n)
{
	static struct CMUnitTest list[MAX_TESTS];
	static struct job jobs[MAX_TESTS];
	static char names[MAX_TESTS][80];
	unsigned k = 0;

	if (n * variant_count > MAX_TESTS)
		abort();
	for (unsigned t = 0; t < n; t++) {
		for (unsigned i = 0; i < variant_count; i++, k++) {
			jobs[k] = (struct job){ tests[t].run, &variants[i] };
			snprintf(names[k], sizeof(names[k]), "%s: %s", tests[t].name, variants[i].name);
			list[k] = (struct CMUnitTest){ names[k], run_job, NULL, NULL, &jobs[k] };
		}
	}
	return _cmocka_run_group_tests("pt", list, k, NULL, NULL);
}
