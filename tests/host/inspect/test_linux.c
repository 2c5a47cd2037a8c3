/* tests/host/inspect/test_linux.c - ptdump expanded again page by page, and the lines of an oops.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/linux.h"
#include "isa/x86.h"
#include "tests/host/inspect/fixture.h"

#define MAX_PAGES 20000

/* ---- ptdump: every page, read back from the text ---- */

struct page { uint64_t va, pa, size; char letters[32]; };
struct pages { size_t n; struct page page[MAX_PAGES]; };

static uint64_t parse_size(const char *s)
{
	char *unit;
	uint64_t n = strtoull(s, &unit, 10);

	return n << 10 * (1 + (strchr("KMGT", *unit) - "KMGT"));
}

static void add(struct pages *p, struct page page)
{
	assert_true(p->n < MAX_PAGES);
	p->page[p->n++] = page;
}

/* One line of ptdump into its pages; false for markers and the verdict. */
static bool expand(const char *line, struct pages *to, bool *wx)
{
	unsigned long long first, last, pa;
	char size[16], unit[16], letters[32], mark[8] = "";
	int fields = sscanf(line, "0x%llx-0x%llx %15s %15s %31s pa %llx %7s", &first, &last, size, unit, letters,
	                    &pa, mark);

	if (fields < 6)
		return false;
	assert_true(strchr(line, '\n') - line < 100);
	assert_int_equal(parse_size(size), last - first + 1);
	for (uint64_t at = 0; at <= last - first; at += parse_size(unit)) {
		struct page page = { first + at, pa + at, parse_size(unit), "" };

		strcpy(page.letters, letters);
		add(to, page);
	}
	*wx = strcmp(mark, "W+X") == 0;
	return true;
}

static void collect(const char *text, struct pages *to, uint64_t *wx_pages)
{
	to->n = 0;
	*wx_pages = 0;
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t before = to->n;
		bool wx;

		if (expand(line, to, &wx) && wx)
			for (size_t i = before; i < to->n; i++)
				*wx_pages += to->page[i].size / 4096;
	}
}

/* The oracle: one walk after another, page after page, no visitor and no merging. */
static void walk_all(struct fake *f, uint64_t first, uint64_t last, struct pages *to, uint64_t *wx_pages)
{
	struct pt_space space = target_space(&f->t);

	to->n = 0;
	*wx_pages = 0;
	for (uint64_t va = first; va >= first && va <= last; ) {
		const struct pt_step *step;
		struct pt_walk w;
		struct page page;

		pt_walk(&space, va, &w, NULL, 0);
		step = &w.last;
		if (w.outcome != PT_LEAF) {
			va += 1ull << f->mode.format->level[step->level].shift;
			continue;
		}
		page = (struct page){ va, w.pa.v, w.page.size, "" };
		pt_effective_letters(&f->mode, step->level, step->entry, w.prot, page.letters, sizeof(page.letters));
		add(to, page);
		if ((w.prot & PROT_W) && (w.prot & PROT_X))
			*wx_pages += page.size / 4096;
		va += page.size;
	}
}

static void check_dump(struct fake *f, uint64_t first, uint64_t last, const struct linux_marker *markers, size_t n)
{
	static struct pages got, want;
	uint64_t got_wx, want_wx, returned;

	returned = linux_ptdump(fake_out(f), &f->t, markers, n, first, last);
	assert_true(f->out.length < sizeof(f->text));
	collect(f->text, &got, &got_wx);
	walk_all(f, first, last, &want, &want_wx);
	assert_int_equal(got.n, want.n);
	for (size_t i = 0; i < want.n; i++)
		if (memcmp(&got.page[i], &want.page[i], sizeof(struct page)) != 0)
			fail_msg("page %zu: %llx -> %llx %s, want %llx -> %llx %s", i,
			         (unsigned long long)got.page[i].va, (unsigned long long)got.page[i].pa,
			         got.page[i].letters, (unsigned long long)want.page[i].va,
			         (unsigned long long)want.page[i].pa, want.page[i].letters);
	if (strstr(f->text, "not possible"))
		want_wx = 0;
	assert_int_equal(got_wx, want_wx);
	assert_int_equal(returned, want_wx);
}

static uint64_t seed = 0xc0ffee1234567;

static unsigned rnd(unsigned below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(seed >> 33) % below;
}

/* Clusters of leaves whose frames often continue, in tables made here from raw entries: x86 bits only. */
static void random_tables(struct fake *f, uint64_t base, unsigned levels, unsigned entry_bytes)
{
	static const unsigned flags[] = { 0x063, 0x063, 0x063, 0x163, 0x067, 0x025, 0x021, 0x001 };
	unsigned bits = entry_bytes == 8 ? 9 : 10;
	uint64_t pa = 0x400000;

	for (unsigned group = 0; group < 12; group++) {
		uint64_t va = base + ((uint64_t)group << (12 + bits));
		uint64_t path[5] = { 0x2001, 0x3067, 0x4067, 0x5067 };

		for (unsigned i = 0; i + 1 < levels; i++)
			path[i] = (0x100000 + (i + 1 == levels - 1 ? 0x1000 * (1 + group) : 0x20000 * (i + 1))) |
			          (levels == 3 && i == 0 ? 1 : 0x67);
		if (rnd(4) == 0) {
			path[levels - 2] = ((pa + 0x400000) & ~0x3fffffull) | 0xe3 | (rnd(2) ? 0x100 : 0);
			fake_path(f, levels, entry_bytes, f->t.root.v, va, path, levels - 1);
			continue;
		}
		fake_path(f, levels, entry_bytes, f->t.root.v, va, path, levels - 1);
		fake_put(f, path[levels - 2] & ~0xfffull, 0, 8);
		for (unsigned i = 0; i < 1u << bits; i++) {
			static unsigned flag = 0x063;

			pa += rnd(6) ? 0x1000 : 0x3000;
			flag = rnd(5) ? flag : flags[rnd(8)];
			path[levels - 1] = rnd(9) ? pa | flag | (rnd(10) || entry_bytes == 4 ? 0 : 1ull << 63) : 0;
			fake_path(f, levels, entry_bytes, f->t.root.v, va + ((uint64_t)i << 12), path, levels);
		}
	}
}

static const struct { const struct pt_format *format; uint64_t base; unsigned levels, bytes; } spaces[] = {
	{ &pt_legacy, 0xc0000000, 2, 4 }, { &pt_pae, 0xc0000000, 3, 8 }, { &pt_x64, 0xffff880000000000, 4, 8 },
	{ &pt_la57, 0xff11000000000000, 5, 8 },
};

static void test_ptdump_loses_nothing(void **state)
{
	static struct fake f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
		uint64_t base = spaces[i].base, last = base + 0x3ffffff;
		const struct linux_marker markers[] = {
			{ base, base + 0x3fffff, "first" }, { base + 0x400000, base + 0x4fffff, "second" },
			{ base + 0x700000, last, "third" },
		};

		fake_init(&f, spaces[i].format, 0x1000);
		random_tables(&f, base, spaces[i].levels, spaces[i].bytes);
		check_dump(&f, base, last, NULL, 0);
		check_dump(&f, base, last, markers, ARRAY_LEN(markers));
		assert_non_null(strstr(f.text, "---[ no region ]---\n"));
		f.mode.nx = false;
		check_dump(&f, base, last, NULL, 0);
		fake_free(&f);
	}
}

/* What merges, what does not, and what stands above it: by hand. */
static void test_ptdump_text(void **state)
{
	static const uint64_t pte[][3] = {
		{ 0x2001, 0x3063, 0x8000000000100163 }, { 0x2001, 0x3063, 0x8000000000101163 },
		{ 0x2001, 0x3063, 0x8000000000103163 }, { 0x2001, 0x3063, 0x0000000000104161 },
		{ 0x2001, 0x3063, 0x0000000000105163 }, { 0x2001, 0x3063, 0x0010000000106163 },
	};
	static const uint64_t large[] = { 0x2001, 0x80000000002001e3 }, larger[] = { 0x2001, 0x80000000004001e3 };
	static const struct linux_marker markers[] = {
		{ 0, 0xbfffffff, "user" }, { 0xc0000000, 0xc0001fff, "low" }, { 0xc0002000, 0xf7ffffff, "direct map" },
		{ 0xfe000000, 0xff7fffff, "windows" }, { 0xff800000, 0xffffffff, "self-map" },
	};
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	for (unsigned i = 0; i < ARRAY_LEN(pte); i++)
		fake_path(&f, 3, 8, 0x1000, 0xc0000000 + i * 0x1000, pte[i], 3);
	fake_path(&f, 3, 8, 0x1000, 0xc0200000, large, 2);
	fake_path(&f, 3, 8, 0x1000, 0xc0400000, larger, 2);
	fake_path(&f, 3, 8, 0x1000, 0xf8000000, larger, 2);
	assert_int_equal(linux_ptdump(fake_out(&f), &f.t, markers, 5, 0xc0000000, 0xfeffffff), 1);
	check_text(f.text,
	           "---[ low ]---\n"
	           "0xc0000000-0xc0001fff         8K   4K -G-DA--KW-V pa 0000100000\n"
	           "---[ direct map ]---\n"
	           "0xc0002000-0xc0002fff         4K   4K -G-DA--KW-V pa 0000103000\n"
	           "0xc0003000-0xc0003fff         4K   4K -G-DA--KREV pa 0000104000\n"
	           "0xc0004000-0xc0004fff         4K   4K -G-DA--KWEV pa 0000105000 W+X\n"
	           "0xc0005000-0xc0005fff         4K      bad entry 0010000000106163\n"
	           "0xc0200000-0xc05fffff         4M   2M -GLDA--KW-V pa 0000200000\n"
	           "---[ no region ]---\n"
	           "0xf8000000-0xf81fffff         2M   2M -GLDA--KW-V pa 0000400000\n"
	           "---[ windows ]---\n"
	           "Checked W+X mappings: FAILED, 1 W+X pages found.\n");
	assert_int_equal(linux_ptdump(fake_out(&f), &f.t, NULL, 0, 0xc0000000, 0xc0003fff), 0);
	check_text(f.text,
	           "0xc0000000-0xc0001fff         8K   4K -G-DA--KW-V pa 0000100000\n"
	           "0xc0002000-0xc0002fff         4K   4K -G-DA--KW-V pa 0000103000\n"
	           "0xc0003000-0xc0003fff         4K   4K -G-DA--KREV pa 0000104000\n"
	           "Checked W+X mappings: passed, no W+X pages found.\n");
	f.mode.nx = false;
	fake_put(&f, 0x3000, 0x100163, 8);
	assert_int_equal(linux_ptdump(fake_out(&f), &f.t, NULL, 0, 0xc0000000, 0xc0000fff), 0);
	check_text(f.text,
	           "0xc0000000-0xc0000fff         4K   4K -G-DA--KWEV pa 0000100000\n"
	           "Checked W+X mappings: not possible, this mode cannot forbid execution.\n");
	fake_free(&f);
}

/* NX, U and W of the tables above count: the letters of the two entries are equal, those of the lines are not. */
static void test_ptdump_knows_the_levels_above(void **state)
{
	static const uint64_t a[] = { 0x2001, 0x3063, 0x1ff067 }, b[] = { 0x2001, 0x8000000000004065, 0x200067 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	fake_path(&f, 3, 8, 0x1000, 0xc01ff000, a, 3);
	fake_path(&f, 3, 8, 0x1000, 0xc0200000, b, 3);
	assert_int_equal(linux_ptdump(fake_out(&f), &f.t, NULL, 0, 0xc0000000, 0xffffffff), 1);
	check_text(f.text,
	           "0xc01ff000-0xc01fffff         4K   4K ---DA--KWEV pa 00001ff000 W+X\n"
	           "0xc0200000-0xc0200fff         4K   4K ---DA--UR-V pa 0000200000\n"
	           "Checked W+X mappings: FAILED, 1 W+X pages found.\n");
	/* A table that cannot be read is reported, not skipped silently. */
	fake_put(&f, 0x2000 + 8 * 8, 0x7777000063, 8);
	linux_ptdump(fake_out(&f), &f.t, NULL, 0, 0xc0000000, 0xffffffff);
	assert_non_null(strstr(f.text, "Some tables were not read: "));
	assert_non_null(strstr(f.text, "Checked W+X mappings: FAILED, 1 W+X pages found.\n"));
	/* Nothing bad in what could be read is no pass. */
	linux_ptdump(fake_out(&f), &f.t, NULL, 0, 0xc0200000, 0xffffffff);
	assert_null(strstr(f.text, "passed"));
	assert_non_null(strstr(f.text, "\nChecked W+X mappings: not complete, "));
	fake_free(&f);
}

/* The self-map is one line wherever the range begins but in itself, and its pages are checked. */
static void test_ptdump_folds_the_self_map(void **state)
{
	static const uint64_t page[] = { 0x2001, 0x3063, 0x8000000000100163 }, self[] = { 0x2001, 0x2067 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	f.t.selfmap_base = 0xff800000;
	fake_path(&f, 3, 8, 0x1000, 0xc0000000, page, 3);
	fake_path(&f, 3, 8, 0x1000, 0xffe00000, self, 2);
	assert_int_equal(linux_ptdump(fake_out(&f), &f.t, NULL, 0, 0xc0000000, 0xffffffff), 2);
	check_text(f.text,
	           "0xc0000000-0xc0000fff         4K   4K -G-DA--KW-V pa 0000100000\n"
	           "0xff800000-0xffffffff         8M      self-map, 2 pages; ptdump ff800000 lists them W+X\n"
	           "Checked W+X mappings: FAILED, 2 W+X pages found.\n");
	assert_int_equal(linux_ptdump(fake_out(&f), &f.t, NULL, 0, 0xff800000, 0xffffffff), 2);
	check_text(f.text,
	           "0xffe00000-0xffe00fff         4K   4K ---DA--KWEV pa 0000003000 W+X\n"
	           "0xfffff000-0xffffffff         4K   4K ---DA--UWEV pa 0000002000 W+X\n"
	           "Checked W+X mappings: FAILED, 2 W+X pages found.\n");
	fake_free(&f);
}

/* ---- the lines of an oops ---- */

struct entries_row {
	const struct pt_format *format;
	uint64_t va;
	unsigned levels, bytes, count;
	uint64_t entries[5];
	const char *text;
};

static const struct entries_row entries_rows[] = {
	{ &pt_pae, 0xf75fe000, 3, 8, 3, { 0x2da2001, 0x300c067, 0 },
	  "*pdpt = 0000000002da2001 *pde = 000000000300c067 *pte = 0000000000000000\n" },
	{ &pt_pae, 0xfffffff7, 3, 8, 2, { 0x2b9cb001, 0 }, "*pdpt = 000000002b9cb001 *pde = 0000000000000000\n" },
	{ &pt_pae, 0x8054099e, 3, 8, 2, { 0x6c46801, 0x4009e3 },
	  "*pdpt = 0000000006c46801 *pde = 00000000004009e3\n" },
	{ &pt_pae, 0x40000000, 3, 8, 1, { 0 }, "*pdpt = 0000000000000000\n" },
	{ &pt_legacy, 0x12f980, 2, 4, 2, { 0xba58067, 0x9de9067 }, "*pde = 0ba58067 *pte = 09de9067\n" },
	{ &pt_x64, 0xffffebe00008001c, 4, 8, 1, { 0 }, "PGD 0 P4D 0\n" },
	{ &pt_x64, 0x1000, 4, 8, 4, { 0x2067, 0x3067, 0x4067, 0x8000000012345867 },
	  "PGD 2067 P4D 2067 PUD 3067 PMD 4067 PTE 8000000012345867\n" },
	{ &pt_x64, 0x1000, 4, 8, 1, { 0x7777000067 }, "PGD 7777000067 P4D 7777000067 BAD\n" },
	{ &pt_la57, 0x1000, 5, 8, 3, { 0x2067, 0x3067, 0 }, "PGD 2067 P4D 3067 PUD 0\n" },
};

static void test_entries(void **state)
{
	static struct fake f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(entries_rows); i++) {
		const struct entries_row *r = &entries_rows[i];

		fake_init(&f, r->format, 0x1000);
		fake_path(&f, r->levels, r->bytes, 0x1000, r->va, r->entries, r->count);
		linux_entries(fake_out(&f), &f.t, r->va);
		check_text(f.text, r->text);
		fake_free(&f);
	}
}

/* The published Arm oops: a first-level entry of zero, then a section and a page. */
static void test_arm_entries(void **state)
{
	static const uint64_t deep[] = { 0x40005003, 0x40006003, 0 };
	static struct fake f;

	(void)state;
	fake_init(&f, fake_format("short"), 0xadbec000);
	f.t.direct_base = 0xc0000000 - 0x80000000;
	f.t.direct_size = 0xb0000000;
	fake_put(&f, 0xadbec000 + 0xbf8 * 4, 0, 4);
	linux_entries(fake_out(&f), &f.t, 0xbf81e020);
	check_text(f.text, "pgd = edbec000\n[bf81e020] *pgd=00000000\n");
	fake_put(&f, 0xadbec000 + 0xbf8 * 4, 0xadbf0001, 4);
	fake_put(&f, 0xadbf0000 + 0x1e * 4, 0, 4);
	linux_entries(fake_out(&f), &f.t, 0xbf81e020);
	check_text(f.text, "pgd = edbec000\n[bf81e020] *pgd=adbf0001, *pte=00000000\n");
	fake_put(&f, 0xadbec000 + 0xc00 * 4, 0x40000412, 4);
	linux_entries(fake_out(&f), &f.t, 0xc0000000);
	check_text(f.text, "pgd = edbec000\n[c0000000] *pgd=40000412(bad)\n");
	fake_free(&f);

	fake_init(&f, fake_format("a64"), 0x40004000);
	fake_path(&f, 4, 8, 0x40004000, 0x1000, deep, 3);
	linux_entries(fake_out(&f), &f.t, 0x1000);
	check_text(f.text, "pgd = 0000000040004000\n[0000000000001000] pgd=0000000040005003, p4d=0000000040005003, "
	           "pud=0000000040006003, pmd=0000000000000000\n");
	fake_free(&f);
}

static void test_fault_head(void **state)
{
	static const uint64_t kernel_nx[] = { 0x2001, 0x3063, 0x8000000000100163 };
	static const uint64_t user_x[] = { 0x2001, 0x3067, 0x100067 };
	static const struct { struct fault fault; const char *text; } rows[] = {
		{ { .va = 0xf75fe000, .code = 2, .access = ACCESS_WRITE },
		  "BUG: unable to handle page fault for address: f75fe000\n"
		  "#PF: supervisor write access in kernel mode\n"
		  "#PF: error_code(0x0002) - not-present page\n" },
		{ { .va = 0x40, .code = 0 },
		  "BUG: kernel NULL pointer dereference, address: 00000040\n"
		  "#PF: supervisor read access in kernel mode\n"
		  "#PF: error_code(0x0000) - not-present page\n" },
		{ { .va = 0x40, .code = 7, .from_user = true },
		  "BUG: unable to handle page fault for address: 00000040\n"
		  "#PF: user write access in user mode\n"
		  "#PF: error_code(0x0007) - permissions violation\n" },
		{ { .va = 0x5000, .code = 9 },
		  "BUG: unable to handle page fault for address: 00005000\n"
		  "#PF: supervisor read access in kernel mode\n"
		  "#PF: error_code(0x0009) - reserved bit violation\n" },
		/* As QEMU says it; SDM 3A 4.7: RSVD is set only with P. */
		{ { .va = 0x5000, .code = 0xA },
		  "BUG: unable to handle page fault for address: 00005000\n"
		  "#PF: supervisor write access in kernel mode\n"
		  "#PF: error_code(0x000a) - reserved bit violation (the page is present: QEMU leaves P out of the code)\n" },
		{ { .va = 0xc0000000, .code = 0x11 },
		  "kernel tried to execute NX-protected page - exploit attempt? (uid: 0)\n"
		  "BUG: unable to handle page fault for address: c0000000\n"
		  "#PF: supervisor instruction fetch in kernel mode\n"
		  "#PF: error_code(0x0011) - permissions violation\n" },
		{ { .va = 0x8000, .code = 0x11 },
		  "unable to execute userspace code (SMEP?) (uid: 0)\n"
		  "BUG: unable to handle page fault for address: 00008000\n"
		  "#PF: supervisor instruction fetch in kernel mode\n"
		  "#PF: error_code(0x0011) - permissions violation\n" },
	};
	static struct fake f;
	struct isa_view view;

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	view = linux_view(&f.t);
	f.mode.smep = true;
	fake_path(&f, 3, 8, 0x1000, 0xc0000000, kernel_nx, 3);
	fake_path(&f, 3, 8, 0x1000, 0x8000, user_x, 3);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		linux_x86_fault_head(fake_out(&f), &view, &rows[i].fault);
		check_text(f.text, rows[i].text);
	}
	linux_x86_oops_line(fake_out(&f), "Oops", 2, 1);
	check_text(f.text, "Oops: 0002 [#1]\n");
	linux_x86_oops_line(fake_out(&f), "invalid opcode", 0, 12);
	check_text(f.text, "invalid opcode: 0000 [#12]\n");
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ptdump_loses_nothing),
		cmocka_unit_test(test_ptdump_text),
		cmocka_unit_test(test_ptdump_knows_the_levels_above),
		cmocka_unit_test(test_ptdump_folds_the_self_map),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_arm_entries),
		cmocka_unit_test(test_fault_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
