/* tests/host/inspect/test_soft.c - entries that are not present: what pte, explain and predict show, and where vtop goes on.
 * SPDX-License-Identifier: MIT
 *
 * The two published transcripts are libvmi's PR 1071 (a prototype entry) and volatility3's PR 475 (one in transition).
 */
#include "inspect/explain.h"
#include "inspect/predict.h"
#include "inspect/windbg.h"
#include "tests/host/inspect/fixture.h"

static struct fake f;

static err_t vtop(uint64_t va)
{
	return windbg_vtop(fake_out(&f), &f.t, f.t.root, va);
}

#define USER_VA  0x7ff8d1f4b000ull
#define PROTO_VA 0xffff8e00d8c69a68ull

/* The tables of the transcript; the prototype entry itself contains proto. */
static void init_prototype(uint64_t proto)
{
	static const uint64_t user[] = {
		0x0a000001688c8867, 0x0a00000177fdd867, 0x0a0000016d9de867, 0x8e00d8c69a680400,
	};
	static const uint64_t pool[] = {
		0x0000000181586863, 0x0000000181587863, 0x000000017e16f863, 0x000000015e514863,
	};

	fake_init(&f, &pt_x64, 0x16e800000);
	f.mode.pa_bits = 45;
	fake_path(&f, 4, 8, 0x16e800000, USER_VA, user, 4);
	fake_path(&f, 4, 8, 0x16e800000, PROTO_VA, pool, 4);
	if (proto != 1)
		fake_put(&f, 0x15e514a68, proto, 8);
}

#define TO_THE_PROTOTYPE \
	"Amd64VtoP: Virt 00007ff8d1f4b000, pagedir 000000016e800000\n" \
	"Amd64VtoP: PML4E 000000016e8007f8\nAmd64VtoP: PDPE 00000001688c8f18\n" \
	"Amd64VtoP: PDE 0000000177fdd478\nAmd64VtoP: PTE 000000016d9dea58\n" \
	"Amd64VtoP: Virt ffff8e00d8c69a68, pagedir 000000016e800000\n" \
	"Amd64VtoP: PML4E 000000016e8008e0\nAmd64VtoP: PDPE 0000000181586018\n" \
	"Amd64VtoP: PDE 0000000181587630\nAmd64VtoP: PTE 000000017e16f348\n"
#define MAPPED TO_THE_PROTOTYPE "Amd64VtoP: Mapped phys 000000015e514a68\n"
#define FAILS  "Virtual address 7ff8d1f4b000 translation fails, error 0xD0000147.\n"

static void test_published_prototype(void **state)
{
	(void)state;
	init_prototype(0x8a00000162685921);
	assert_int_equal(vtop(USER_VA), OK);
	check_text(f.text, MAPPED "Virtual address 7ff8d1f4b000 translates to physical address 162685000.\n");
	assert_int_equal(vtop(USER_VA + 0xabc), OK);
	check_has(f.text, "\nVirtual address 7ff8d1f4babc translates to physical address 162685abc.\n");
	windbg_pte(fake_out(&f), &f.t, USER_VA);
	check_has(f.text, "  not valid\n                                                                                 "
	          "Proto: FFFF8E00D8C69A68\n");
	assert_null(strstr(f.text, "Protect"));
	explain_entry(fake_out(&f), &f.t, 0, PTE(0x8e00d8c69a680400));
	check_has(f.text, "\n  bits 63:16   8e00d8c69a68 ProtoAddress\n"
	          "  The page is not present; software entry: Proto: FFFF8E00D8C69A68.\n");
	fake_free(&f);
}

/* Whatever a prototype entry says: the page, or one line that says why there is none. */
static void test_prototype_entries(void **state)
{
	static const struct { uint64_t entry; const char *text; } rows[] = {
		{ 0, MAPPED "Amd64VtoP: zero prototype PTE\n" FAILS },
		{ 0x166b7880, MAPPED "Virtual address 7ff8d1f4b000 translates to physical address 166b7000.\n" },
		{ 0x001bbeda00002084, MAPPED "Amd64VtoP: prototype PTE not present, PageFile: 2, Offset: 1bbeda, "
		  "Protect: 4 - ReadWrite\n" FAILS },
		{ 0x80, MAPPED "Amd64VtoP: prototype PTE not present, DemandZero, Protect: 4 - ReadWrite\n" FAILS },
		{ 0x8e00d8c69a680400, MAPPED "Amd64VtoP: prototype PTE not present, the page is in its file (subsection)\n"
		  FAILS },
		{ 0x0008000162685921, MAPPED "Amd64VtoP: bad prototype PTE, reserved: bit 51\n" FAILS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		init_prototype(rows[i].entry);
		assert_int_equal(vtop(USER_VA), strstr(rows[i].text, "fails") ? ERR_NOT_FOUND : OK);
		check_text(f.text, rows[i].text);
		fake_free(&f);
	}
	/* The page with the entry is not in the image. */
	init_prototype(1);
	assert_int_equal(vtop(USER_VA), ERR_NOT_FOUND);
	check_text(f.text, MAPPED "Amd64VtoP: unable to read prototype PTE: no memory at 15e514a68\n" FAILS);
	/* Nothing maps it; or a prototype entry does, which no system makes. */
	fake_put(&f, 0x17e16f348, 0, 8);
	assert_int_equal(vtop(USER_VA), ERR_NOT_FOUND);
	check_text(f.text, TO_THE_PROTOTYPE "Amd64VtoP: zero PTE\n"
	           "Amd64VtoP: unable to read prototype PTE ffff8e00d8c69a68\n" FAILS);
	fake_put(&f, 0x17e16f348, 0x8e00d8c69a680400, 8);
	assert_int_equal(vtop(USER_VA), ERR_NOT_FOUND);
	check_text(f.text, TO_THE_PROTOTYPE "Amd64VtoP: PTE not present, Proto: FFFF8E00D8C69A68\n"
	           "Amd64VtoP: unable to read prototype PTE ffff8e00d8c69a68\n" FAILS);
	/* The page with it is in transition. */
	fake_put(&f, 0x17e16f348, 0x15e514880, 8);
	fake_put(&f, 0x15e514a68, 0x8a00000162685921, 8);
	assert_int_equal(vtop(USER_VA), OK);
	check_text(f.text, MAPPED "Virtual address 7ff8d1f4b000 translates to physical address 162685000.\n");
	fake_free(&f);
}

#define TRANSITION_VA 0x246af810000ull

static void test_published_transition(void **state)
{
	static const uint64_t entries[] = {
		0x8a00000059b75867, 0x0a0000005eae3867, 0x0a00000061030867, 0x0000200060533860,
	};

	(void)state;
	fake_init(&f, &pt_x64, 0x1aa000);
	f.mode.pa_bits = 45;
	fake_path(&f, 4, 8, 0x1aa000, TRANSITION_VA, entries, 4);
	assert_int_equal(vtop(TRANSITION_VA + 8), OK);
	check_has(f.text, "Amd64VtoP: PTE 0000000061030080\nAmd64VtoP: Mapped phys 0000000060533008\n"
	          "Virtual address 246af810008 translates to physical address 60533008.\n");
	windbg_pte(fake_out(&f), &f.t, TRANSITION_VA);
	check_has(f.text, " Transition: 60533\n");
	check_has(f.text, " Protect: 3 - ExecuteRead\n");
	explain_entry(fake_out(&f), &f.t, 0, PTE(entries[3]));
	check_has(f.text, "\n  bits 9:5     3           Protection\n");
	check_has(f.text, "\n  bits 44:12   60533       PageFrameNumber\n  bit 45       1           no field: ignored here\n"
	          "  The page is not present; software entry: Transition: 60533, Protect: 3 - ExecuteRead.\n");
	predict_show(fake_out(&f), &f.t, TRANSITION_VA, (struct predict_access){ .access = ACCESS_READ });
	check_has(f.text,
	          "  PTE at 61030080 contains 0000200060533860: not present, Transition: 60533, Protect: 3 - ExecuteRead\n");
	fake_free(&f);
}

/* A table can be in transition as well: the debugger goes on in its frame. */
static void test_table_in_transition(void **state)
{
	static const uint64_t entries[] = { 0x2067, 0x3067, 0x4067, 0x12345067 }, pae[] = { 0x2001, 0x3880, 0x80012345067 };
	static const uint64_t second_root[] = { 0x2067, 0x3880, 0x4880, 0x12345880 };

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	fake_path(&f, 4, 8, 0x1000, 0xfffff80123456789, entries, 4);
	fake_put(&f, 0x1000 + 8 * 0x1f0, 0x2880, 8);
	assert_int_equal(vtop(0xfffff80123456789), OK);
	check_has(f.text, "Amd64VtoP: PML4E 0000000000001f80\nAmd64VtoP: PDPE 0000000000002020\nAmd64VtoP: PDE 00000000000038d0\n"
	          "Amd64VtoP: PTE 00000000000042b0\nAmd64VtoP: Mapped phys 0000000012345789\n");
	fake_path(&f, 4, 8, 0x1000, 0x7f0123456789, second_root, 4);
	assert_int_equal(vtop(0x7f0123456789), OK);
	check_has(f.text, "Mapped phys 0000000012345789\nVirtual address 7f0123456789 translates to physical address 12345789.\n");
	/* The frame of the table is not in the image. */
	fake_put(&f, 0x1000 + 8 * 0xfe, 0x7777000880, 8);
	assert_int_equal(vtop(0x7f0123456789), ERR_NOT_FOUND);
	check_has(f.text, "Amd64VtoP: PDPE 0000007777000020\nAmd64VtoP: unable to read PDPE\n");
	fake_free(&f);
	fake_init(&f, &pt_pae, 0x7f4b64c0);
	f.mode.pa_bits = 44;
	fake_path(&f, 3, 8, 0x7f4b64c0, 0xc0801234, pae, 3);
	assert_int_equal(vtop(0xc0801234), OK);
	check_has(f.text, "X86VtoP: PAE PDE 0000000000002020 - 0000000000003880\n"
	          "X86VtoP: PAE PTE 0000000000003008 - 0000080012345067\nX86VtoP: PAE Mapped phys 0000080012345234\n");
	fake_free(&f);
}

/* The other layouts: PAE's address is the upper half, and what two levels have is relative to paged pool. */
static void test_other_layouts(void **state)
{
	static const uint64_t user[] = { 0x2001, 0x3067, 0xe1b0d3b800000480 }, pool[] = { 0x4001, 0x5063, 0x6063 };
	static const uint64_t legacy[] = { 0x2067, 0x00abc4f6 };

	(void)state;
	fake_init(&f, &pt_pae, 0x7f4b64c0);
	fake_path(&f, 3, 8, 0x7f4b64c0, 0x400123, user, 3);
	fake_path(&f, 3, 8, 0x7f4b64c0, 0xe1b0d3b8, pool, 3);
	fake_put(&f, 0x63b8, 0x8000000069fc8025, 8);
	assert_int_equal(vtop(0x400123), OK);
	check_has(f.text, "X86VtoP: Virt 00000000e1b0d3b8, pagedir 000000007f4b64c0\n");
	check_has(f.text, "X86VtoP: PAE Mapped phys 00000000000063b8\n"
	          "Virtual address 400123 translates to physical address 69fc8123.\n");
	windbg_pte(fake_out(&f), &f.t, 0x400000);
	check_has(f.text, " Proto: E1B0D3B8\n");
	check_has(f.text, " Protect: 4 - ReadWrite\n");
	fake_free(&f);
	fake_init(&f, &pt_legacy, 0x185000);
	fake_path(&f, 2, 4, 0x185000, 0x400123, legacy, 2);
	assert_int_equal(vtop(0x400123), ERR_NOT_FOUND);
	/* 7b << 2 | 00abc4f6 >> 11 << 9 */
	check_text(f.text, "X86VtoP: Virt 00400123, pagedir 185000\nX86VtoP: PDE 185004 - 00002067\n"
	           "X86VtoP: PTE 2000 - 00abc4f6\n"
	           "X86VtoP: unable to read prototype PTE MmPagedPoolStart+2AF1EC: MmPagedPoolStart is not known\n"
	           "Virtual address 400123 translation fails, error 0xD0000147.\n");
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_prototype),
		cmocka_unit_test(test_prototype_entries),
		cmocka_unit_test(test_published_transition),
		cmocka_unit_test(test_table_in_transition),
		cmocka_unit_test(test_other_layouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
