/* tests/host/paging/test_vectors.c - published entries and addresses, the self-map, hierarchical rights by hand.
 * SPDX-License-Identifier: MIT
 */
#include "paging/soft.h"
#include "tests/host/paging/sim.h"

static struct pt_mode mode_of(const struct pt_format *format, unsigned levels)
{
	return (struct pt_mode){
		.format = format, .pa_bits = format == &pt_x64 ? 45 : 36, .levels = (uint8_t)levels,
		.nx = true, .pse = true, .pge = true, .gib_pages = true, .dacr = 0x55555555, .mair = PT_MAIR_DEFAULT,
	};
}

/* ---- where entries stand in a self-map ---- */

struct place { const struct pt_format *format; unsigned levels; uint64_t base, va, at[4]; };
static const struct place places[] = {
	{ &pt_pae, 3, 0xC0000000, 0x00400000, { 0xC0002000, 0xC0600010 } },
	{ &pt_pae, 3, 0xC0000000, 0x74970000, { 0xC03A4B80, 0xC0601D20 } },
	{ &pt_pae, 3, 0xC0000000, 0xF9A10054, { 0xC07CD080, 0xC0603E68 } },
	{ &pt_pae, 3, 0xC0000000, 0xB8AE900C, { 0xC05C5748, 0xC0602E28 } },
	{ &pt_pae, 3, 0xC0000000, 0x8054099E, { 0xC0402A00, 0xC0602010 } },
	{ &pt_pae, 3, 0xC0000000, 0x001F0000, { 0xC0000F80, 0xC0600000 } },
	{ &pt_pae, 3, 0xC0000000, 0x00404000, { 0xC0002020, 0xC0600010 } },
	{ &pt_legacy, 2, 0xC0000000, 0x0012F980, { 0xC00004BC, 0xC0300000 } },
	{ &pt_legacy, 2, 0xC0000000, 0x801544F4, { 0xC0200550, 0xC0300800 } },
	{ &pt_x64, 4, 0xFFFFF68000000000, 0x00000000FFBE0000,
	  { 0xFFFFF680007FDF00, 0xFFFFF6FB40003FE8, 0xFFFFF6FB7DA00018, 0xFFFFF6FB7DBED000 } },
	{ &pt_x64, 4, 0xFFFFF68000000000, 0x10000,
	  { 0xFFFFF68000000080, 0xFFFFF6FB40000000, 0xFFFFF6FB7DA00000, 0xFFFFF6FB7DBED000 } },
	{ &pt_x64, 4, 0xFFFFEC8000000000, 0x1A42EA30240,
	  { 0xFFFFEC80D2175180, 0xFFFFECF640690BA8, 0xFFFFECF67B203480, 0xFFFFECF67B3D9018 } },
};

static void test_places(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(places); i++) {
		const struct place *p = &places[i];
		struct pt_mode mode = mode_of(p->format, p->levels);

		for (unsigned level = 0; level < 4 && p->at[level]; level++)
			assert_int_equal(pt_selfmap_entry(&mode, p->base, p->va, level), p->at[level]);
	}
}

/* ---- entries and their letters ---- */

struct letters { const struct pt_format *format; unsigned level; uint64_t entry, pfn; const char *text; };
static const struct letters published[] = {
	{ &pt_pae, 1, 0x000000000121B867, 0x121B, "---DA--UWEV" },
	{ &pt_pae, 0, 0x800000006F1CE005, 0x6F1CE, "-------UR-V" },
	{ &pt_pae, 1, 0x000000000102D963, 0x102D, "-G-DA--KWEV" },
	{ &pt_pae, 0, 0x0000000002010121, 0x2010, "-G--A--KREV" },
	{ &pt_pae, 1, 0x000000000B880863, 0xB880, "---DA--KWEV" },
	{ &pt_pae, 1, 0x00000000004009E3, 0x400, "-GLDA--KWEV" },
	{ &pt_pae, 1, 0x0000000017997067, 0x17997, "---DA--UWEV" },
	{ &pt_pae, 0, 0x80000000019DC225, 0x19DC, "C---A--UR-V" },
	{ &pt_pae, 0, 0x8000000069FC8867, 0x69FC8, "---DA--UW-V" },
	{ &pt_x64, 2, 0x00C0000263E77867, 0x263E77, "---DA--UWEV" },
	{ &pt_x64, 3, 0x00C000000B023867, 0xB023, "---DA--UWEV" },
	{ &pt_x64, 2, 0x00D0000759124867, 0x759124, "---DA--UWEV" },
	{ &pt_x64, 1, 0x00E0000792FA5867, 0x792FA5, "---DA--UWEV" },
	{ &pt_x64, 0, 0x80F000004D7DD025, 0x4D7DD, "----A--UR-V" },
	{ &pt_x64, 0, 0x8D400001A4654867, 0x1A4654, "---DA--UW-V" },
	{ &pt_legacy, 0, 0x7EDE6025, 0x7EDE6, "----A--UREV" },
	{ &pt_legacy, 0, 0x09DE9067, 0x9DE9, "---DA--UWEV" },
	{ &pt_a64, 3, 0x0060000084609F03, 0x84609, "-R--ADK--V" },
	{ &pt_a64, 0, 0x00E0000084603F03, 0x84603, "-W--ADK--V" },
	{ &pt_a64, 1, 0x00C000009C000F01, 0x9C000, "-WX-ADK-LV" },
	/* ARM letters of our own: by the manual's bits. */
	{ &pt_short, 0, 0x4000121E, 0x40001, "-G--A--KREV" },
	{ &pt_short, 0, 0x40001C3F, 0x40001, "----A--UW-V" },
	{ &pt_short, 0, 0x10009037, 0x10009, "-G--AN-UW-V" },
	{ &pt_short, 0, 0x4003003D, 0x40030, "-GL-A--UWEV" },
	{ &pt_short, 1, 0x40000412, 0x40000, "-GL-ANTKW-V" },
	{ &pt_short, 1, 0x40000401, 0x40000, "---------EV" },
	{ &pt_lpae, 0, 0x0040000040001F4F, 0x40001, "-W--A-UN-V" },
	{ &pt_lpae, 1, 0x0000000040000781, 0x40000, "-RXGA-K-LV" },
};

static void test_letters(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(published); i++) {
		const struct letters *l = &published[i];
		struct pt_mode mode = mode_of(l->format, l->format->levels);
		char text[16];

		pt_letters(&mode, l->level, PTE(l->entry), text, sizeof(text));
		if (strcmp(text, l->text) != 0)
			fail_msg("%s %llx: %s, want %s", l->format->name, (unsigned long long)l->entry, text, l->text);
		assert_int_equal(pt_output(&mode, l->level, PTE(l->entry), 0).pa.v >> 12, l->pfn);
	}
}

/* ---- not-present entries ---- */

struct soft_row { const struct pt_format *format; uint64_t entry; struct pt_soft soft; };
static const struct soft_row soft_rows[] = {
	{ &pt_pae, 0x000B8AF500000000, { .kind = SOFT_PAGEFILE, .offset = 0xB8AF5 } },
	{ &pt_x64, 0x000B8AF500000000, { .kind = SOFT_PAGEFILE, .offset = 0xB8AF5 } },
	{ &pt_x64, 0xFFFFFFFF00000480, { .kind = SOFT_PROTOTYPE, .protect = 4, .vad = true } },
	{ &pt_pae, 0xFFFFFFFF00000480, { .kind = SOFT_PROTOTYPE, .protect = 4, .vad = true } },
	{ &pt_x64, 0x8E00D8C69A680400, { .kind = SOFT_PROTOTYPE, .proto = 0xFFFF8E00D8C69A68 } },
	{ &pt_pae, 0xE1B0D3B800000480, { .kind = SOFT_PROTOTYPE, .protect = 4, .proto = 0xE1B0D3B8 } },
	/* Bit 45 is above the physical address of the machine that wrote it. */
	{ &pt_x64, 0x0000200060533860, { .kind = SOFT_TRANSITION, .protect = 3, .pfn = { 0x60533 } } },
	{ &pt_pae, 0x0000000000000080, { .kind = SOFT_DEMAND_ZERO, .protect = 4 } },
	{ &pt_x64, 0x00000000166B7880, { .kind = SOFT_TRANSITION, .protect = 4, .pfn = { 0x166B7 } } },
	{ &pt_x64, 0x001BBEDA00002084, { .kind = SOFT_PAGEFILE, .protect = 4, .file = 2, .offset = 0x1BBEDA } },
	{ &pt_lpae, 0x001BBEDA00002084, { .kind = SOFT_PAGEFILE, .protect = 4, .file = 2, .offset = 0x1BBEDA } },
	{ &pt_legacy, 0x12345086, { .kind = SOFT_PAGEFILE, .protect = 4, .file = 3, .offset = 0x12345 } },
	{ &pt_short, 0x1234508C, { .kind = SOFT_PAGEFILE, .protect = 4, .file = 3, .offset = 0x12345 } },
	{ &pt_short, 0x12345880, { .kind = SOFT_TRANSITION, .protect = 4, .pfn = { 0x12345 } } },
	{ &pt_pae, 0, { .kind = SOFT_ZERO } },
};

static void test_soft(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(soft_rows); i++) {
		const struct soft_row *r = &soft_rows[i];
		struct pt_mode mode = mode_of(r->format, r->format->levels);
		struct pt_soft got;

		assert_int_equal(r->format->kind(&mode, 0, PTE(r->entry)), r->entry ? PT_SOFT : PT_EMPTY);
		pt_soft_decode(&mode, PTE(r->entry), &got);
		assert_int_equal(got.kind, r->soft.kind);
		assert_int_equal(got.protect, r->soft.protect);
		assert_int_equal(got.file, r->soft.file);
		assert_int_equal(got.offset, r->soft.offset);
		assert_int_equal(got.pfn.v, r->soft.pfn.v);
		assert_int_equal(got.vad, r->soft.vad);
		assert_int_equal(got.proto, r->soft.proto);
	}
}

#define RWX (PROT_R | PROT_W | PROT_X)

/* ---- formats that no port of the kernel has: entries made, write-protected and read, by hand from the manuals ---- */

#define AD (PROT_ACCESSED | PROT_DIRTY)
/* `prot` is what an entry made of it has; `closed` is the entry of a copy on write. */
struct made { const struct pt_format *format; unsigned level; uint64_t pa; prot_t prot; uint64_t entry, closed; };
static const struct made made[] = {
	/* SDM vol. 3C tables 29-4 and 29-6: types 6, 4, 1, 0. */
	{ &pt_ept, 0, 0x5000, PROT_R | PROT_W | PROT_U | AD, 0x5333, 0x5331 },
	{ &pt_ept, 1, 0x400000, PROT_R | PROT_X | PROT_U | AD | CACHE_WT, 0x4003A5, 0x4003A5 },
	{ &pt_ept5, 0, 0x5000, PROT_R | PROT_U | AD | CACHE_UC_MINUS, 0x5309, 0x5309 },
	{ &pt_ept5, 2, 0x40000000, RWX | PROT_U | AD | CACHE_UC, 0x40000387, 0x40000385 },
	{ &pt_npt, 0, 0x5000, PROT_R | PROT_W | PROT_X | PROT_U | AD, 0x5067, 0x5265 },
	/* DDI 0487 D8.3.1, D8.4.4, D8.5.5: MemAttr 1111, 1010, 0101, 0001; SH is a part of the address with LPA2. */
	{ &pt_s2_a64, 0, 0x5000, RWX | PROT_U | AD, 0x57FF, 0x010000000000577F },
	{ &pt_s2_a64_16k, 1, 0x4000000, PROT_R | PROT_X | PROT_U | PROT_ACCESSED | CACHE_WT, 0x4000769, 0x4000769 },
	{ &pt_s2_a64_64k, 0, 0xF000000010000, PROT_R | PROT_X | PROT_U | PROT_ACCESSED | CACHE_UC_MINUS, 0x1F757, 0x1F757 },
	{ &pt_s2_a64_lpa2, 0, 0x8000000005000, PROT_R | PROT_X | PROT_U | PROT_ACCESSED | CACHE_UC, 0x5647, 0x5647 },
	{ &pt_s2_a64_16k_lpa2, 2, 0x4001000000000, RWX | PROT_U | AD, 0x10000005FD, 0x010000100000057D },
	/* D8.3.1, D8.4.1: UXN, PXN, AP; our bits 55 and 56. */
	{ &pt_a64_16k_lpa2, 1, 0x4000002000000, PROT_R | PROT_W | PROT_U | AD, 0x00E0000002000D41, 0x0160000002000DC1 },
	{ &pt_a64_64k, 0, 0xF000000010000, PROT_R | PROT_X | PROT_ACCESSED | PROT_GLOBAL, 0x004000000001F783, 0x004000000001F783 },
	/* RISC-V 8.5.1, and Svpbmt: 1 is not cached, 2 input and output. */
	{ &pt_sv32x4, 1, 0x300000000 + 0x400000, RWX | PROT_U | AD, 0xC01000DF, 0xC01001DB },
	{ &pt_sv57x4, 4, 1ull << 48, PROT_R | PROT_U | AD | CACHE_UC, 0x40004000000000D3, 0x40004000000000D3 },
	{ &pt_sv48x4, 0, 0x5000, PROT_R | PROT_W | PROT_U | AD | CACHE_UC_MINUS, 0x20000000000014D7, 0x20000000000015D3 },
};

static struct pt_mode mode_of_all(const struct pt_format *format)
{
	struct pt_mode mode = mode_of(format, format->levels);

	mode.pa_bits = format->pa_bits;
	mode.pbmt = mode.napot = mode.execute_only = mode.hw_accessed = mode.hw_dirty = true;
	return mode;
}

static void test_made(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(made); i++) {
		const struct made *m = &made[i];
		struct pt_mode mode = mode_of_all(m->format);
		const struct pt_format *f = mode.format;
		pte_t entry = PTE(0);
		err_t err = f->make_leaf(&mode, m->level, PADDR(m->pa), m->prot, &entry);
		prot_t prot = pt_final_prot(f->prot(&mode, m->level, entry));
		uint64_t closed = f->write_protect(&mode, m->level, entry).v;

		if (err != OK || entry.v != m->entry || prot != m->prot || closed != m->closed ||
		    f->kind(&mode, m->level, entry) != PT_LEAF || pt_output(&mode, m->level, entry, 0).pa.v != m->pa)
			fail_msg("row %u, %s: error %d, entry %llx, rights %x, closed %llx", i, f->name, err,
			         (unsigned long long)entry.v, prot, (unsigned long long)closed);
	}
}

/* What an entry of others says; restrictions are applied at the end of the walk. */
struct said { const struct pt_format *format; unsigned level; uint64_t entry; prot_t prot; };
static const struct said said[] = {
	/* G counts in the first stage alone. */
	{ &pt_sv39, 1, 0x1421, PROT_RIGHTS | PROT_GLOBAL_BELOW }, { &pt_sv39x4, 1, 0x1421, PROT_RIGHTS },
	{ &pt_sv39, 0, 0x14FF, RWX | PROT_U | AD | PROT_GLOBAL }, { &pt_sv39x4, 0, 0x14FF, RWX | PROT_U | AD },
	{ &pt_x64, 0, 0x5167, RWX | PROT_U | AD | PROT_GLOBAL }, { &pt_npt, 0, 0x5167, RWX | PROT_U | AD },
	/* Write-protected memory; A without D, and D without A. */
	{ &pt_ept, 0, 0x5329, PROT_R | PROT_U | AD | CACHE_WT },
	{ &pt_ept, 0, 0x5131, PROT_R | PROT_U | PROT_ACCESSED }, { &pt_ept, 0, 0x5231, PROT_R | PROT_U | PROT_DIRTY },
	/* XN 1 to 3: user mode alone, none, the kernel alone. */
	{ &pt_s2_a64, 0, 0x0020000000000000 | 0x57FF, RWX | PROT_U | AD | PROT_NO_KERNEL_X },
	{ &pt_s2_a64, 0, 0x0040000000000000 | 0x57FF, PROT_R | PROT_W | PROT_U | AD | PROT_NO_USER_X | PROT_NO_KERNEL_X },
	{ &pt_s2_a64, 0, 0x0060000000000000 | 0x57FF, RWX | PROT_U | AD | PROT_NO_USER_X },
	/* Outer write-back, inner write-through; device memory has no inner half. */
	{ &pt_s2_a64, 0, 0x57FB, RWX | PROT_U | AD | CACHE_WT }, { &pt_s2_a64, 0, 0x57CF, RWX | PROT_U | AD | CACHE_UC },
};

static void test_said(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(said); i++) {
		const struct said *s = &said[i];
		struct pt_mode mode = mode_of_all(s->format);
		prot_t prot = mode.format->prot(&mode, s->level, PTE(s->entry));

		if (prot != s->prot)
			fail_msg("row %u, %s: rights %x", i, mode.format->name, prot);
	}
}

/* ---- whole walks through sparse memory ---- */

struct word { uint64_t pa, value; };
struct journey {
	const struct pt_format *format;
	unsigned levels;
	uint64_t root, va, pa, size;
	prot_t rights;
	struct word words[4];
};

static const struct journey journeys[] = {
	/* The documents' own: 8054099e through a 2 MiB page, the address above RAM, and an ARM Linux process. */
	{ &pt_pae, 3, 0x023406E0, 0x8054099E, 0x54099E, 2 << 20, RWX,
	  { { 0x23406F0, 0x06C46801 }, { 0x6C46010, 0x004009E3 } } },
	{ &pt_x64, 4, 0xA8DF3000, 0xFFFFFA8005319B30, 0x13EB19B30, 2 << 20, RWX,
	  { { 0xA8DF3FA8, 0x2E54863 }, { 0x2E54000, 0x2E55863 }, { 0x2E55148, 0x13EA009E3 } } },
	{ &pt_legacy, 2, 0x39000, 0x0012F980, 0x09DE9980, 4096, RWX | PROT_U,
	  { { 0x39000, 0x0BA58067 }, { 0x0BA584BC, 0x09DE9067 } } },
	{ &pt_short, 2, 0x48058000, 0x7E9E6C24, 0x574A1C24, 4096, RWX | PROT_U,
	  { { 0x48059FA4, 0x48269C01 }, { 0x48269F98, 0x574A1C7E } } },
	/* Rights that a level above takes away. */
	{ &pt_x64, 4, 0x1000, 0x1000, 0x5000, 4096, PROT_R | PROT_X | PROT_U,
	  { { 0x1000, 0x2067 }, { 0x2000, 0x3065 }, { 0x3000, 0x4067 }, { 0x4008, 0x5067 } } },
	{ &pt_x64, 4, 0x1000, 0x1000, 0x5000, 4096, RWX,
	  { { 0x1000, 0x2063 }, { 0x2000, 0x3067 }, { 0x3000, 0x4067 }, { 0x4008, 0x5067 } } },
	{ &pt_x64, 4, 0x1000, 0x1000, 0x5000, 4096, PROT_R | PROT_W | PROT_U,
	  { { 0x1000, 0x8000000000002067 }, { 0x2000, 0x3067 }, { 0x3000, 0x4067 }, { 0x4008, 0x5067 } } },
	{ &pt_pae, 3, 0x1000, 0x1000, 0x5000, 4096, PROT_R | PROT_U,
	  { { 0x1000, 0x2001 }, { 0x2000, 0x8000000000003065 }, { 0x3008, 0x5067 } } },
	{ &pt_lpae, 3, 0x1000, 0x1000, 0x5000, 4096, PROT_R | PROT_X | PROT_U,
	  { { 0x1000, 0x4000000000002003 }, { 0x2000, 0x3003 }, { 0x3008, 0x5743 } } },
	{ &pt_lpae, 3, 0x1000, 0x1000, 0x5000, 4096, RWX,
	  { { 0x1000, 0x2003 }, { 0x2000, 0x2000000000003003 }, { 0x3008, 0x5743 } } },
	{ &pt_lpae, 3, 0x1000, 0x1000, 0x5000, 4096, PROT_R | PROT_W | PROT_U,
	  { { 0x1000, 0x1000000000002003 }, { 0x2000, 0x3003 }, { 0x3008, 0x5743 } } },
	/* PXNTable alone does not touch user mode's right to execute, and UXNTable not the kernel's. */
	{ &pt_lpae, 3, 0x1000, 0x1000, 0x5000, 4096, RWX | PROT_U,
	  { { 0x1000, 0x0800000000002003 }, { 0x2000, 0x3003 }, { 0x3008, 0x5743 } } },
	{ &pt_a64, 4, 0x1000, 0x1000, 0x5000, 4096, RWX,
	  { { 0x1000, 0x1000000000002003 }, { 0x2000, 0x3003 }, { 0x3000, 0x4003 }, { 0x4008, 0x5703 } } },
	{ &pt_a64, 4, 0x1000, 0x1000, 0x5000, 4096, PROT_R | PROT_W,
	  { { 0x1000, 0x2003 }, { 0x2000, 0x0800000000003003 }, { 0x3000, 0x4003 }, { 0x4008, 0x5703 } } },
};

static err_t read_words(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	const struct journey *j = ctx;

	(void)bytes;
	for (unsigned i = 0; i < ARRAY_LEN(j->words); i++) {
		if (j->words[i].value && j->words[i].pa == pa.v) {
			*out = PTE(j->words[i].value);
			return OK;
		}
	}
	return ERR_IO;
}

static void test_journeys(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(journeys); i++) {
		struct journey j = journeys[i];
		struct pt_mode mode = mode_of(j.format, j.levels);
		struct pt_env env = { .ctx = &j, .read = read_words };
		struct pt_space space = pt_space_of(&mode, &env, PADDR(j.root));
		struct pt_walk w;

		pt_walk(&space, j.va, &w, NULL, 0);
		if (w.err != OK || w.outcome != PT_LEAF || w.pa.v != j.pa || w.page.size != j.size ||
		    (w.prot & PROT_RIGHTS) != j.rights)
			fail_msg("row %u: err %d after %u (at %llx), pa %llx size %llx rights %x", i, w.err, w.n,
			         (unsigned long long)w.last.entry_pa.v,
			         (unsigned long long)w.pa.v, (unsigned long long)w.page.size, w.prot);
	}
}

/* A first-level entry of an oops: where it stands, and that it is empty. */
static void test_first_level(void **state)
{
	struct journey j = { .words = { { 0xEDBEEFE0, 1 } } };
	struct pt_mode mode = mode_of(&pt_short, 2);
	struct pt_env env = { .ctx = &j, .read = read_words };
	struct pt_space space = pt_space_of(&mode, &env, PADDR(0xEDBEC000));
	struct pt_slot slot;

	(void)state;
	assert_int_equal(pt_lookup(&space, 0xBF81E020, 1, &slot), OK);
	assert_int_equal(slot.entry_pa.v, 0xEDBEEFE0);
	assert_int_equal(slot.level, 1);
}

/* ---- a self-map that is walked by the hardware ---- */

static const struct { const char *variant; uint64_t base; } self_maps[] = {
	{ "legacy", 0xFFC00000 }, { "legacy no PSE", 0xC0000000 }, { "pae", 0xFF800000 }, { "pae no NX", 0xC0000000 },
	{ "x64", 0xFFFFF68000000000 }, { "x64 no NX no 1G", 0xFFFFEC8000000000 }, { "la57", 0xFFDA000000000000 },
};

/* The formulas of the documents, by hand; levels from the leaf up. */
static uint64_t self_map_address(const struct variant *v, uint64_t base, uint64_t va, unsigned level)
{
	uint64_t low = va & ((1ull << variant_va_bits(v)) - 1);

	switch (v->cpu.tables) {
	case HW_32BIT:
		return level ? base + (base >> 12) * 4 % 0x400000 + (va >> 22) * 4 : base + (va >> 12) * 4;
	case HW_PAE:
		return level ? base + (base >> 12) * 8 % 0x800000 + (va >> 21) * 8 : base + (va >> 12) * 8;
	default:
		low = base + (low >> 12) * 8;
		return level ? self_map_address(v, base, low, level - 1) : low;
	}
}

static void check_self_map(const struct sim *s, uint64_t base, uint64_t va)
{
	struct hw_page hw = sim_hw_walk(s, va), at;
	unsigned levels = s->v->cpu.tables == HW_PAE ? 2 : s->v->mode.levels;

	assert_int_equal(hw.end, HW_MAPPED);
	for (unsigned level = s->v->mode.levels - hw.entries; level < levels; level++) {
		uint64_t address = self_map_address(s->v, base, va, level);

		assert_int_equal(pt_selfmap_entry(&s->mode, base, va, level), address);
		at = sim_hw_walk(s, address);
		assert_int_equal(at.end, HW_MAPPED);
		assert_int_equal(at.pa, hw.entry_pa[s->v->mode.levels - 1 - level]);
		assert_false(at.may[HW_USER][HW_READ]);
		assert_true(at.may[HW_KERNEL][HW_WRITE]);
		if (s->v->mode.nx)
			assert_false(at.may[HW_KERNEL][HW_FETCH]);
		assert_false(at.global);
	}
}

static void test_self_map(void **state)
{
	static struct sim s;

	(void)state;
	for (unsigned k = 0; k < ARRAY_LEN(self_maps); k++) {
		const struct variant *v = variants;
		uint64_t va[40], base = self_maps[k].base;

		while (strcmp(v->name, self_maps[k].variant) != 0)
			v++;
		rnd_seed(k);
		sim_init(&s, v);
		assert_int_equal(pt_selfmap_install(&s.space, base, &s.change), OK);
		for (unsigned i = 0; i < ARRAY_LEN(va); ) {
			bool large = i % 4 == 0 && variant_has_pages(v, 1);
			uint64_t size = large ? 4 << 20 : 4096, mask = (1ull << variant_va_bits(v)) - 1;

			/* The bit below the topmost is clear: not under the self-map itself. */
			va[i] = variant_va(v, rnd64() & mask & ~((mask + 1) / 4) & ~(size - 1));
			if (pt_map(&s.space, va[i], PADDR(0x400000), size, PROT_R | PROT_U | PROT_W, 1, NULL) == OK)
				i++;
		}
		for (unsigned i = 0; i < ARRAY_LEN(va); i++)
			check_self_map(&s, base, va[i]);
		sim_free(&s);
	}
}

static void test_no_self_map_on_arm(void **state)
{
	static struct sim s;

	(void)state;
	for (unsigned i = 0; i < variant_count; i++) {
		if (variants[i].cpu.tables < HW_ARM_SHORT)
			continue;
		sim_init(&s, &variants[i]);
		assert_int_equal(pt_selfmap_install(&s.space, 0xC0000000, NULL), ERR_UNSUPPORTED);
		assert_int_equal(s.live, 0);
		sim_free(&s);
	}
}

/* Closing domain 1 shuts the kernel, and all, out of the user part alone; with PXN the kernel runs no code there. */
static void test_user_domain(void **state)
{
	static struct sim s;
	struct variant v = {
		"user domain", &pt_short,
		{ .pa_bits = 32, .levels = 2, .dacr = 0x5, .user_end = 0xC0000000, .pxn = true },
		{ .tables = HW_ARM_SHORT, .levels = 2, .maxphyaddr = 32, .dacr = 0x5, .pxn = true },
	};
	const uint64_t user[] = { 0xBFFFF000, 0x10000000 }, kernel[] = { 0xC0000000, 0xD0000000 };
	const prot_t rwx = PROT_R | PROT_W | PROT_X;

	(void)state;
	sim_init(&s, &v);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t size = i ? 1 << 20 : 4096;

		assert_int_equal(pt_map(&s.space, user[i], PADDR(0x40000000), size, rwx | PROT_U, 1, NULL), OK);
		assert_int_equal(pt_map(&s.space, kernel[i], PADDR(0x40000000), size, rwx, 1, NULL), OK);
		assert_true(sim_hw_walk(&s, user[i]).may[HW_USER][HW_FETCH]);
		assert_true(sim_hw_walk(&s, user[i]).may[HW_KERNEL][HW_WRITE]);
		assert_false(sim_hw_walk(&s, user[i]).may[HW_KERNEL][HW_FETCH]);
		assert_true(sim_hw_walk(&s, kernel[i]).may[HW_KERNEL][HW_FETCH]);
		v.cpu.dacr = 0x1;
		assert_false(sim_hw_walk(&s, user[i]).may[HW_KERNEL][HW_READ]);
		assert_true(sim_hw_walk(&s, kernel[i]).may[HW_KERNEL][HW_READ]);
		v.cpu.dacr = 0x5;
	}
	sim_free(&s);
}

static void test_format_names(void **state)
{
	static const char *const names[] = {
		"legacy", "pae", "x64", "la57", "short", "lpae", "a64", "a64_16k", "a64_64k", "a64_lpa2", "a64_16k_lpa2", "sv32",
		"sv39", "sv48", "sv57", "npt", "npt5", "ept", "ept5", "sv32x4", "sv39x4", "sv48x4", "sv57x4", "s2_a64",
		"s2_a64_16k", "s2_a64_64k", "s2_a64_lpa2", "s2_a64_16k_lpa2",
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		assert_string_equal(pt_format_by_name(names[i])->name, names[i]);
	assert_null(pt_format_by_name("sv64"));
	assert_null(pt_format_by_name(""));
	assert_null(pt_formats[ARRAY_LEN(names)]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_soft),
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_journeys),
		cmocka_unit_test(test_first_level),
		cmocka_unit_test(test_self_map),
		cmocka_unit_test(test_no_self_map_on_arm),
		cmocka_unit_test(test_user_domain),
		cmocka_unit_test(test_format_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
