/* tests/host/inspect/test_windbg.c - pte against published transcripts, to the character.
 * SPDX-License-Identifier: MIT
 *
 * Blanks that HTML collapsed are put back after the published samples that kept them; nothing else
 * is changed. Trailing blanks are not printed.
 */
#include "inspect/windbg.h"
#include "tests/host/inspect/fixture.h"

#define PAE_ROOT 0x1a8000ull
#define WIN7     0xFFFFF68000000000ull

struct transcript {
	const struct pt_format *format;
	uint64_t selfmap, va;
	unsigned style, count;
	uint64_t entries[PT_MAX_LEVELS];   /* from the root down, as many as the transcript shows or implies */
	const char *text;
};

/* PAE transcripts do not show the top entry: any present one will do. */
#define PAE(va, style, ...) \
	&pt_pae, 0xC0000000, va, style, 1 + sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, { 0x5000001, __VA_ARGS__ }
#define LEGACY(va, ...) \
	&pt_legacy, 0xC0000000, va, 0, sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, { __VA_ARGS__ }
#define X64(base, va, ...) \
	&pt_x64, base, va, 0, sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, { __VA_ARGS__ }
#define VA2 "                    VA "
#define VA4 "                                           VA "
#define SOFT2 "                            "
#define SOFT4 "                                                                                 "

static const struct transcript transcripts[] = {
	{ PAE(0x00400000, 0, 0), VA2 "00400000\n"
	  "PDE at C0600010            PTE at C0002000\n"
	  "contains 0000000000000000  contains 0000000000000000\n"
	  "not valid\n" },
	{ PAE(0x74970000, 0, 0x121B867, 0x800000006F1CE005), VA2 "74970000\n"
	  "PDE at C0601D20            PTE at C03A4B80\n"
	  "contains 000000000121B867  contains 800000006F1CE005\n"
	  "pfn 121b      ---DA--UWEV  pfn 6f1ce     -------UR-V\n" },
	{ PAE(0xf9a10054, WINDBG_WIDE_AT, 0x102D963, 0x2010121), VA2 "f9a10054\n"
	  "PDE at 00000000C0603E68    PTE at 00000000C07CD080\n"
	  "contains 000000000102D963  contains 0000000002010121\n"
	  "pfn 102d      -G-DA--KWEV  pfn 2010      -G--A--KREV\n" },
	{ PAE(0xb8ae900c, WINDBG_WIDE_AT, 0xB880863, 0x000B8AF500000000), VA2 "b8ae900c\n"
	  "PDE at 00000000C0602E28    PTE at 00000000C05C5748\n"
	  "contains 000000000B880863  contains 000B8AF500000000\n"
	  "pfn b880      ---DA--KWEV  not valid\n"
	  SOFT2 "PageFile: 0\n" SOFT2 "Offset: b8af5\n" SOFT2 "Protect: 0\n" },
	{ PAE(0x8054099e, WINDBG_WIDE_AT, 0x4009E3), VA2 "8054099e\n"
	  "PDE at 00000000C0602010    PTE at 00000000C0402A00\n"
	  "contains 00000000004009E3  contains 0000000000000000\n"
	  "pfn 400       -GLDA--KWEV  LARGE PAGE pfn 540\n" },
	{ PAE(0x001f0000, 0, 0x6A1A6867, 0x80), VA2 "001f0000\n"
	  "PDE at C0600000            PTE at C0000F80\n"
	  "contains 000000006A1A6867  contains 0000000000000080\n"
	  "pfn 6a1a6     ---DA--UWEV  not valid\n"
	  SOFT2 "DemandZero\n" SOFT2 "Protect: 4 - ReadWrite\n" },
	{ PAE(0x001f0000, 0, 0x6A1A6867, 0x8000000069FC8867), VA2 "001f0000\n"
	  "PDE at C0600000            PTE at C0000F80\n"
	  "contains 000000006A1A6867  contains 8000000069FC8867\n"
	  "pfn 6a1a6     ---DA--UWEV  pfn 69fc8     ---DA--UW-V\n" },
	{ PAE(0x00404000, 0, 0x17997067, 0x80000000019DC225), VA2 "00404000\n"
	  "PDE at C0600010            PTE at C0002020\n"
	  "contains 0000000017997067  contains 80000000019DC225\n"
	  "pfn 17997     ---DA--UWEV  pfn 19dc      C---A--UR-V\n" },
	{ LEGACY(0x002bf000, 0x7B314867, 0x7EDE6025), VA2 "002bf000\n"
	  "PDE at C0300000            PTE at C0000AFC\n"
	  "contains 7B314867          contains 7EDE6025\n"
	  "pfn 7b314     ---DA--UWEV  pfn 7ede6     ----A--UREV\n" },
	{ LEGACY(0x0012f980, 0x0BA58067, 0x09DE9067), VA2 "0012f980\n"
	  "PDE at C0300000            PTE at C00004BC\n"
	  "contains 0BA58067          contains 09DE9067\n"
	  "pfn ba58      ---DA--UWEV  pfn 9de9      ---DA--UWEV\n" },
	{ LEGACY(0x801544f4, 0x0003B163, 0x00154121), VA2 "801544f4\n"
	  "PDE at C0300800            PTE at C0200550\n"
	  "contains 0003B163          contains 00154121\n"
	  "pfn 3b        -G-DA--KWEV  pfn 154       -G--A--KREV\n" },
	{ X64(0xFFFFEC8000000000, 0x1a42ea30240, 0x0A0000000ECC0867, 0x0A00000013341867, 0x0A000000077AF867,
	      0x00000000166B7880), VA4 "000001a42ea30240\n"
	  "PXE at FFFFECF67B3D9018    PPE at FFFFECF67B203480    PDE at FFFFECF640690BA8    "
	  "PTE at FFFFEC80D2175180\n"
	  "contains 0A0000000ECC0867  contains 0A00000013341867  contains 0A000000077AF867  "
	  "contains 00000000166B7880\n"
	  "pfn ecc0      ---DA--UWEV  pfn 13341     ---DA--UWEV  pfn 77af      ---DA--UWEV  not valid\n"
	  SOFT4 "Transition: 166b7\n" SOFT4 "Protect: 4 - ReadWrite\n" },
};

static void make(struct fake *f, const struct transcript *tr)
{
	uint64_t root = tr->format == &pt_pae ? PAE_ROOT + 0x3c0 : 0x1000;

	fake_init(f, tr->format, root);
	f->t.selfmap_base = tr->selfmap;
	fake_path(f, tr->format->levels, tr->format->entry_bytes, root, tr->va, tr->entries, tr->count);
}

static void test_published_pte(void **state)
{
	static struct fake f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(transcripts); i++) {
		const struct transcript *tr = &transcripts[i];

		make(&f, tr);
		windbg_pte_styled(fake_out(&f), &f.t, tr->va, tr->style);
		check_text(f.text, tr->text);
		/* What the record does not need is not read: below a large page there is data. */
		assert_int_equal(f.entry_reads, tr->count);
		assert_int_equal(f.memory_reads, 0);
		fake_free(&f);
	}
}

/* The puzzle of three walks of one address: the CPU runs one process, the debugger looks at another. */
static void test_decode_modes(void **state)
{
	static const uint64_t hw[] = { 0x00C0000263E77867, 0 };
	static const uint64_t calc[] = {
		0x00C000000B023867, 0x00D0000759124867, 0x00E0000792FA5867, 0x80F000004D7DD025,
	};
	static const char places[] =
		VA4 "00000000ffbe0000\n"
		"PXE at FFFFF6FB7DBED000    PPE at FFFFF6FB7DA00018    PDE at FFFFF6FB40003FE8    "
		"PTE at FFFFF680007FDF00\n";
	static const char stopped[] =
		"contains 00C0000263E77867  contains 0000000000000000\n"
		"pfn 263e77    ---DA--UWEV  not valid\n";
	static const char walked[] =
		"contains 00C000000B023867  contains 00D0000759124867  contains 00E0000792FA5867  "
		"contains 80F000004D7DD025\n"
		"pfn b023      ---DA--UWEV  pfn 759124    ---DA--UWEV  pfn 792fa5    ---DA--UWEV  "
		"pfn 4d7dd     ----A--UR-V\n";
	static const struct { enum decode decode; const char *rest; } modes[] = {
		{ DECODE_NONE, stopped }, { DECODE_USER, stopped }, { DECODE_ALL, walked },
	};
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_x64, 0x27a385000);
	f.t.hw_root = PADDR(0x1000);
	f.t.selfmap_base = WIN7;
	fake_path(&f, 4, 8, 0x1000, 0xffbe0000, hw, 2);
	fake_path(&f, 4, 8, 0x27a385000, 0xffbe0000, calc, 4);
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		char want[1024];

		f.t.decode = modes[i].decode;
		windbg_pte(fake_out(&f), &f.t, 0xffbe0000);
		snprintf(want, sizeof(want), "%s%s", places, modes[i].rest);
		check_text(f.text, want);
	}
	/* vtop walks by physical address: the mode makes no difference to it. */
	f.t.decode = DECODE_NONE;
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x27a385000), 0xffbe0000), OK);
	assert_non_null(strstr(f.text, "Virtual address ffbe0000 translates to physical address 4d7dd000.\n"));
	fake_free(&f);
}

static void test_two_processes_at_10000(void **state)
{
	static const uint64_t first[] = {
		0x00C000000B023867, 0x01300001F5CA7867, 0x014000030E728867, 0x8D400001A4654867,
	};
	static const uint64_t second[] = {
		0x12B0000195039867, 0x036000016A13C867, 0x01400001730BD867, 0xFFFFFFFF00000480,
	};
	static const char places[] =
		VA4 "0000000000010000\n"
		"PXE at FFFFF6FB7DBED000    PPE at FFFFF6FB7DA00000    PDE at FFFFF6FB40000000    "
		"PTE at FFFFF68000000080\n";
	static const char *const rest[] = {
		"contains 00C000000B023867  contains 01300001F5CA7867  contains 014000030E728867  "
		"contains 8D400001A4654867\n"
		"pfn b023      ---DA--UWEV  pfn 1f5ca7    ---DA--UWEV  pfn 30e728    ---DA--UWEV  "
		"pfn 1a4654    ---DA--UW-V\n",
		"contains 12B0000195039867  contains 036000016A13C867  contains 01400001730BD867  "
		"contains FFFFFFFF00000480\n"
		"pfn 195039    ---DA--UWEV  pfn 16a13c    ---DA--UWEV  pfn 1730bd    ---DA--UWEV  not valid\n"
		SOFT4 "Proto: VAD\n" SOFT4 "Protect: 4 - ReadWrite\n",
	};
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	f.t.selfmap_base = WIN7;
	f.t.decode = DECODE_ALL;
	fake_path(&f, 4, 8, 0x1000, 0x10000, first, 4);
	fake_path(&f, 4, 8, 0x2000, 0x10000, second, 4);
	for (int i = 0; i < 2; i++) {
		char want[1024];

		f.t.root = PADDR(i ? 0x2000 : 0x1000);
		windbg_pte(fake_out(&f), &f.t, 0x10000);
		snprintf(want, sizeof(want), "%s%s", places, rest[i]);
		check_text(f.text, want);
	}
	fake_free(&f);
}

static void test_x64_page_file_and_large_page(void **state)
{
	static const uint64_t swapped[] = { 0x0A00000001234867, 0x0A00000001235867, 0x0A00000001236867,
	                                    0x001BBEDA00002084 };
	static const uint64_t large[] = { 0x0A00000001234863, 0x0A00000001235863, 0x8A000000048001A1 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	f.t.selfmap_base = 0xFFFFBE8000000000;
	fake_path(&f, 4, 8, 0x1000, 0x227d1a60000, swapped, 4);
	windbg_pte(fake_out(&f), &f.t, 0x227d1a60000);
	assert_non_null(strstr(f.text, "  not valid\n" SOFT4 "PageFile: 2\n" SOFT4 "Offset: 1bbeda\n"
	                               SOFT4 "Protect: 4 - ReadWrite\n"));
	fake_free(&f);

	fake_init(&f, &pt_x64, 0x1000);
	f.t.selfmap_base = 0xFFFFF58000000000;
	fake_path(&f, 4, 8, 0x1000, 0xfffff801229ffff8, large, 3);
	windbg_pte(fake_out(&f), &f.t, 0xfffff801229ffff8);
	assert_non_null(strstr(f.text, "contains 8A000000048001A1  contains 0000000000000000\n"));
	assert_non_null(strstr(f.text, "  pfn 4800      -GL-A--KR-V  LARGE PAGE pfn 49ff\n"));
	fake_free(&f);
}

/* The self-map's own address of every entry, by the recursive formula, in five levels. */
static uint64_t la57_entry(uint64_t base, uint64_t va, unsigned level)
{
	for (unsigned i = 0; i <= level; i++)
		va = base + ((va & 0x01ffffffffffffff) >> 12) * 8;
	return va;
}

static void test_la57_has_five_columns(void **state)
{
	static const uint64_t entries[] = { 0x2063, 0x3063, 0x4063, 0x5063, 0x8000000000abc163 };
	const uint64_t base = 0xffed000000000000, va = 0xff10123456789abc;
	static struct fake f;
	char want[1024];

	(void)state;
	fake_init(&f, &pt_la57, 0x1000);
	f.t.selfmap_base = base;
	fake_path(&f, 5, 8, 0x1000, va, entries, 5);
	windbg_pte(fake_out(&f), &f.t, va);
	snprintf(want, sizeof(want), "%60s%016llx\n"
	         "P5E at %016llX    PXE at %016llX    PPE at %016llX    PDE at %016llX    PTE at %016llX\n"
	         "contains 0000000000002063  contains 0000000000003063  contains 0000000000004063  "
	         "contains 0000000000005063  contains 8000000000ABC163\n"
	         "pfn 2         ---DA--KWEV  pfn 3         ---DA--KWEV  pfn 4         ---DA--KWEV  "
	         "pfn 5         ---DA--KWEV  pfn abc       -G-DA--KW-V\n",
	         "VA ", (unsigned long long)va, (unsigned long long)la57_entry(base, va, 4),
	         (unsigned long long)la57_entry(base, va, 3), (unsigned long long)la57_entry(base, va, 2),
	         (unsigned long long)la57_entry(base, va, 1), (unsigned long long)la57_entry(base, va, 0));
	check_text(f.text, want);
	fake_free(&f);
}

static void test_gib_page_and_odd_ends(void **state)
{
	static const uint64_t gib[] = { 0x2063, 0x1400000e3 };
	static const uint64_t lost[] = { 0x7777000067 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	f.t.selfmap_base = WIN7;
	fake_path(&f, 4, 8, 0x1000, 0x40123456, gib, 2);
	windbg_pte(fake_out(&f), &f.t, 0x40123456);
	assert_non_null(strstr(f.text, "\ncontains 0000000000002063  contains 00000001400000E3  "
	                "contains 0000000000000000  contains 0000000000000000\n"
	                "pfn 2         ---DA--KWEV  pfn 140000    --LDA--KWEV                             "
	                "LARGE PAGE pfn 140123\n"));
	/* A table where there is no memory. */
	fake_path(&f, 4, 8, 0x1000, 0x8000000000, lost, 1);
	windbg_pte(fake_out(&f), &f.t, 0x8000000000);
	assert_non_null(strstr(f.text, "\ncontains 0000007777000067  contains ????????????????\n"
	                               "pfn 7777000   ---DA--UWEV  not valid\n"));
	windbg_pte(fake_out(&f), &f.t, 0x0000800000000000);
	check_text(f.text, "VA 800000000000 is not canonical\n");
	fake_free(&f);

	fake_init(&f, &pt_pae, PAE_ROOT);
	f.t.selfmap_base = 0xC0000000;
	windbg_pte(fake_out(&f), &f.t, 0x400000);
	check_text(f.text, VA2 "00400000\nPDE at C0600010            PTE at C0002000\n"
	                   "contains ????????????????\nnot valid\n");
	windbg_pte(fake_out(&f), &f.t, 0x100000000);
	check_text(f.text, "VA 100000000 is outside the address space\n");
	fake_free(&f);
}

/* Without a self-map the entries are shown where the direct map has them, or by physical address. */
static void test_entries_through_the_direct_map(void **state)
{
	static const uint64_t entries[] = { 0x107067, 0x80001067 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_legacy, 0x105000);
	f.t.direct_base = 0xC0000000;
	f.t.direct_size = 0x106000;
	fake_path(&f, 2, 4, 0x105000, 0x00803000, entries, 2);
	windbg_pte(fake_out(&f), &f.t, 0x00803000);
	check_text(f.text, VA2 "00803000\n"
	           "PDE at C0105008            PTE at #10700C\n"
	           "contains 00107067          contains 80001067\n"
	           "pfn 107       ---DA--UWEV  pfn 80001     ---DA--UWEV\n");
	windbg_pte(fake_out(&f), &f.t, 0x00c00000);
	check_text(f.text, VA2 "00c00000\n"
	           "PDE at C010500C            PTE at --------\n"
	           "contains 00000000          contains 00000000\nnot valid\n");
	fake_free(&f);
}

static void test_protect_names(void **state)
{
	static const struct { unsigned protect; const char *text; } rows[] = {
		{ 0, "0" }, { 1, "1 - ReadOnly" }, { 4, "4 - ReadWrite" }, { 7, "7 - ExecuteWriteCopy" },
		{ 0xc, "c - ReadWrite NoCache" }, { 0x14, "14 - ReadWrite Guard" }, { 0x18, "18 - NoAccess" },
		{ 0x10, "10 - Decommit" }, { 0x1c, "1c - ReadWrite WriteCombine" },
	};
	static struct fake f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		windbg_protect(fake_out(&f), rows[i].protect);
		check_text(f.text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_pte),
		cmocka_unit_test(test_decode_modes),
		cmocka_unit_test(test_two_processes_at_10000),
		cmocka_unit_test(test_x64_page_file_and_large_page),
		cmocka_unit_test(test_la57_has_five_columns),
		cmocka_unit_test(test_gib_page_and_odd_ends),
		cmocka_unit_test(test_entries_through_the_direct_map),
		cmocka_unit_test(test_protect_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
