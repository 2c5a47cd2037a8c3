/* tests/host/inspect/test_ptov.c - ptov, pte2va, literal entries and ranges; more transcripts of pte, vtop and dumps.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/dump.h"
#include "inspect/windbg.h"
#include "tests/host/inspect/fixture.h"

static struct fake f;

static void test_ptov(void **state)
{
	static const uint64_t small[] = { 0x2001, 0x3067, 0x15e11067 }, large[] = { 0x4001, 0x4001e3 };
	static const uint64_t next[] = { 0x2001, 0x3067, 0x123456789067 };

	(void)state;
	fake_init(&f, &pt_pae, 0x185000);
	fake_path(&f, 3, 8, 0x185000, 0x10000, small, 3);
	fake_path(&f, 3, 8, 0x185000, 0x1d0000, next, 3);
	fake_path(&f, 3, 8, 0x185000, 0x80400000, large, 2);
	assert_int_equal(windbg_ptov(fake_out(&f), &f.t, PADDR(0x185000), NULL, NULL), OK);
	check_text(f.text, "X86PtoV: pagedir 185000, PAE enabled.\n"
	           "15e11000 10000\n"
	           "00001234`56789000 1d0000\n"
	           "400000 80400000 (large page)\n");
	fake_put(&f, 0x185000 + 8, 0x7777000001, 8);
	assert_int_equal(windbg_ptov(fake_out(&f), &f.t, PADDR(0x185000), NULL, NULL), ERR_IO);
	assert_non_null(strstr(f.text, "Some tables were not read: "));
	fake_free(&f);
}

static void test_ptov_amd64(void **state)
{
	static const uint64_t low[] = { 0x2067, 0x3067, 0x4067, 0x1034fb867 }, gib[] = { 0x2067, 0x1400000e3 };
	static const uint64_t high[] = { 0x5063, 0x6063, 0x7063, 0x2ed6f063 };

	(void)state;
	fake_init(&f, &pt_x64, 0x187000);
	fake_path(&f, 4, 8, 0x187000, 0x1d0000, low, 4);
	fake_path(&f, 4, 8, 0x187000, 0x40000000, gib, 2);
	fake_path(&f, 4, 8, 0x187000, 0xfffff68000001000, high, 4);
	windbg_ptov(fake_out(&f), &f.t, PADDR(0x187000), NULL, NULL);
	check_text(f.text, "Amd64PtoV: pagedir 187000\n"
	           "00000001`034fb000 1d0000\n"
	           "00000001`40000000 40000000 (1GB large page)\n"
	           "2ed6f000 fffff680`00001000\n");
	fake_free(&f);
}

static bool count_down(void *ctx)
{
	return (*(int *)ctx)-- > 0;
}

static void test_stops_when_told(void **state)
{
	int left = 3;

	(void)state;
	fake_init(&f, &pt_legacy, 0x1000);
	fake_put(&f, 0x1000, 0x2067, 4);
	for (unsigned i = 0; i < 1024; i++)
		fake_put(&f, 0x2000 + 4 * i, 0x100067 + (i << 12), 4);
	windbg_ptov(fake_out(&f), &f.t, PADDR(0x1000), count_down, &left);
	check_text(f.text, "X86PtoV: pagedir 1000, PAE disabled.\n100000 0\n101000 1000\n102000 2000\n");
	left = 1;
	windbg_pte_range(fake_out(&f), &f.t, 0, 0xffffffff, count_down, &left);
	assert_non_null(strstr(f.text, "VA 00001000\n"));
	assert_null(strstr(f.text, "VA 00002000\n"));
	fake_free(&f);
}

static unsigned times(const char *what)
{
	unsigned n = 0;

	for (const char *at = f.text; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

static void test_range(void **state)
{
	static const uint64_t a[] = { 0x2067, 0x3067, 0x4067, 0x5067 }, large[] = { 0x2001, 0x8000e3 };

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	f.t.selfmap_base = 0xFFFFF68000000000;
	fake_path(&f, 4, 8, 0x1000, 0x1000, a, 4);
	windbg_pte_range(fake_out(&f), &f.t, 0x1000, 0x2000, NULL, NULL);
	assert_int_equal(times("VA 0000"), 2);
	assert_non_null(strstr(f.text, "\n\n                                           VA 0000000000002000\n"));
	/* 511 pages, 511 tables, 511 directories, 255 top entries, then the upper half and its end. */
	windbg_pte_range(fake_out(&f), &f.t, 0x7fff00000000, UINT64_MAX, NULL, NULL);
	assert_int_equal(times("VA "), 1 + 256);
	assert_non_null(strstr(f.text, "VA ffff800000000000\n"));
	assert_non_null(strstr(f.text, "VA ffffff8000000000\n"));
	fake_free(&f);
	fake_init(&f, &pt_legacy, 0x1000);
	windbg_pte_range(fake_out(&f), &f.t, 0, UINT64_MAX, NULL, NULL);
	assert_int_equal(times("VA "), 1024);
	fake_free(&f);
	/* A large page is one entry: one step, wherever the range begins in it. */
	fake_init(&f, &pt_pae, 0x1000);
	fake_path(&f, 3, 8, 0x1000, 0x200000, large, 2);
	windbg_pte_range(fake_out(&f), &f.t, 0x234567, 0x400fff, NULL, NULL);
	assert_int_equal(times("VA "), 2);
	assert_int_equal(times("LARGE PAGE pfn 834"), 1);
	assert_non_null(strstr(f.text, "VA 00400000\n"));
	fake_free(&f);
}

static void test_literal(void **state)
{
	(void)state;
	fake_init(&f, &pt_legacy, 0x1000);
	windbg_pte_literal(fake_out(&f), &f.t, 0, PTE(0x00154121));
	check_text(f.text, "contains 00154121\npfn 154       -G--A--KREV\n");
	fake_free(&f);
	fake_init(&f, &pt_x64, 0x1000);
	windbg_pte_literal(fake_out(&f), &f.t, 0, PTE(0x001BBEDA00002084));
	check_text(f.text, "contains 001BBEDA00002084\nnot valid\n"
	           "PageFile: 2\nOffset: 1bbeda\nProtect: 4 - ReadWrite\n");
	windbg_pte_literal(fake_out(&f), &f.t, 0, PTE(0));
	check_text(f.text, "contains 0000000000000000\nnot valid\n");
	f.mode.nx = false;
	windbg_pte_literal(fake_out(&f), &f.t, 0, PTE(0x8000000007eb2067));
	check_text(f.text, "contains 8000000007EB2067\nbad entry\n");
	f.mode.nx = true;
	/* The word that was written over another entry of the same process: both addresses then share its frame. */
	windbg_pte_literal(fake_out(&f), &f.t, 0, PTE(0x8000000007eb2067));
	check_text(f.text, "contains 8000000007EB2067\npfn 7eb2      ---DA--UW-V\n");
	fake_free(&f);
}

/* Every format with a self-map: the entry of a random address at every level leads back to it. */
static void test_entry_addresses(void **state)
{
	static const struct { const struct pt_format *format; uint64_t base; } rows[] = {
		{ &pt_legacy, 0xFFC00000 }, { &pt_pae, 0xC0000000 }, { &pt_pae, 0xFF800000 },
		{ &pt_x64, 0xFFFFF68000000000 },
		{ &pt_x64, 0xFFFFEC8000000000 }, { &pt_la57, 0xFFED000000000000 },
	};
	uint64_t seed = 99, va;
	unsigned level;

	(void)state;
	for (unsigned i = 0; i < 30000; i++) {
		const struct pt_format *format = rows[i % 6].format;
		unsigned levels = format->levels - (format == &pt_pae), found = 9;
		uint64_t at, back, size;

		level = i / 6 % levels;
		size = pt_level_size(format, level);

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		fake_init(&f, format, 0x1000);
		f.t.selfmap_base = rows[i % 6].base;
		va = pt_va_canonical(&f.mode, seed ^ seed >> 21);
		at = pt_selfmap_entry(&f.mode, f.t.selfmap_base, va, level);
		assert_true(target_entry_at(&f.t, at, &found, &back));
		assert_true(found >= level);
		if (found == level)
			assert_int_equal(back, va & ~(size - 1));
		else   /* va was itself in the self-map */
			assert_true(va - f.t.selfmap_base < (uint64_t)1 << 48);
		windbg_pte2va(fake_out(&f), &f.t, at);
		if (level == 0)
			assert_int_equal(strtoull(f.text, NULL, 16), va & ~0xfffull);
		assert_false(target_entry_at(&f.t, f.t.selfmap_base - 1, &found, &back));
		fake_free(&f);
	}
	fake_init(&f, &pt_pae, 0x1000);
	f.t.selfmap_base = 0xC0000000;
	/* The four directories have entries there, the table of the four has none. */
	assert_true(target_entry_at(&f.t, 0xC0603018, &level, &va));
	assert_int_equal(level, 1);
	assert_int_equal(va, 0xC0600000);
	assert_int_equal(windbg_pte2va(fake_out(&f), &f.t, 0xC03A4B80), OK);
	check_text(f.text, "74970000\n");
	assert_true(target_page_of_entry(&f.t, 0xC0601D20, &va));
	assert_int_equal(va, 0xC03A4000);
	assert_false(target_page_of_entry(&f.t, 0xC0800000, &va));
	assert_int_equal(va, 0xC03A4000);
	assert_int_equal(windbg_pte2va(fake_out(&f), &f.t, 0xC0601D20), OK);
	check_text(f.text, "c03a4000\n");
	assert_int_equal(windbg_pte2va(fake_out(&f), &f.t, 0x74970000), ERR_RANGE);
	check_text(f.text, "74970000 is not in the page tables\n");
	fake_free(&f);
}

/* Kernel address c00000ff and physical ff before and after the switch, by a large page. */
static void test_linear_map(void **state)
{
	static const uint64_t large[] = { 0x1e3 };

	(void)state;
	fake_init(&f, &pt_legacy, 0x1000);
	fake_path(&f, 2, 4, 0x1000, 0xc00000ff, large, 1);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x1000), 0xc00000ff), OK);
	check_text(f.text, "X86VtoP: Virt c00000ff, pagedir 1000\nX86VtoP: PDE 1c00 - 000001e3\n"
	           "X86VtoP: Large page mapped phys ff\n"
	           "Virtual address c00000ff translates to physical address ff.\n");
	fake_free(&f);
}

/* The widths of the published physical dumps: eight columns, more where the address needs them. */
static void test_physical_dump_heads(void **state)
{
	static const struct { uint64_t pa; const char *head; } rows[] = {
		{ 0xe9000, "#   e9000 000ea002" }, { 0x9de9980, "# 9de9980 000ea002" },
		{ 0x69fc8000, "#69fc8000 000ea002" },
		{ 0x6f1ce000, "#6f1ce000 000ea002" }, { 0x13eb19b30, "#13eb19b30 000ea002" },
	};
	const struct dump_format *dd = dump_formats;

	(void)state;
	while (strcmp(dd->name, "dd"))
		dd++;
	fake_init(&f, &pt_x64, 0x1000);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fake_put(&f, rows[i].pa, 0xea002, 4);
		dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, dd, rows[i].pa, 1);
		assert_int_equal(strncmp(f.text, rows[i].head, strlen(rows[i].head)), 0);
	}
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ptov),
		cmocka_unit_test(test_ptov_amd64),
		cmocka_unit_test(test_stops_when_told),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_entry_addresses),
		cmocka_unit_test(test_linear_map),
		cmocka_unit_test(test_physical_dump_heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
