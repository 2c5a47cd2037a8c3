/* tests/host/inspect/test_vtop.c - vtop against published transcripts, and the Arm forms of pte and vtop.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/windbg.h"
#include "tests/host/inspect/fixture.h"

static void test_vtop_legacy(void **state)
{
	static const uint64_t entries[] = { 0x001c4063, 0x045ec121 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_legacy, 0x185000);
	fake_path(&f, 2, 4, 0x185000, 0x845ecf68, entries, 2);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x185000), 0x845ecf68), OK);
	check_text(f.text, "X86VtoP: Virt 845ecf68, pagedir 185000\n"
	           "X86VtoP: PDE 185844 - 001c4063\n"
	           "X86VtoP: PTE 1c47b0 - 045ec121\n"
	           "X86VtoP: Mapped phys 45ecf68\n"
	           "Virtual address 845ecf68 translates to physical address 45ecf68.\n");
	fake_free(&f);
}

static void test_vtop_pae(void **state)
{
	static const uint64_t shared[] = { 0x4fe09801, 0x4fa07867, 0x80000000001e2025 };
	static const uint64_t large[] = { 0x34f001, 0x4001e3 };
	static const uint64_t zero[] = { 0x34f801, 0x3500067, 0 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_pae, 0x7f4b64c0);
	fake_path(&f, 3, 8, 0x7f4b64c0, 0x7ffe0000, shared, 3);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x7f4b64c0), 0x7ffe0000), OK);
	check_text(f.text, "X86VtoP: Virt 000000007ffe0000, pagedir 000000007f4b64c0\n"
	           "X86VtoP: PAE PDPE 000000007f4b64c8 - 000000004fe09801\n"
	           "X86VtoP: PAE PDE 000000004fe09ff8 - 000000004fa07867\n"
	           "X86VtoP: PAE PTE 000000004fa07f00 - 80000000001e2025\n"
	           "X86VtoP: PAE Mapped phys 00000000001e2000\n"
	           "Virtual address 7ffe0000 translates to physical address 1e2000.\n");
	fake_path(&f, 3, 8, 0x7f4b64c0, 0x8056f58c, large, 2);
	assert_int_equal(windbg_vtop_styled(fake_out(&f), &f.t, PADDR(0x7f4b64c0), 0x8056f58c, WINDBG_SHORT), OK);
	check_text(f.text, "X86VtoP: Virt 8056f58c, pagedir 7f4b64c0\n"
	           "X86VtoP: PAE PDPE 7f4b64d0 - 000000000034f001\n"
	           "X86VtoP: PAE PDE 34f010 - 00000000004001e3\n"
	           "X86VtoP: PAE Large page mapped phys 56f58c\n"
	           "Virtual address 8056f58c translates to physical address 56f58c.\n");
	fake_path(&f, 3, 8, 0x7f4b64c0, 0, zero, 3);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x7f4b64c0), 0), ERR_NOT_FOUND);
	check_text(f.text, "X86VtoP: Virt 0000000000000000, pagedir 000000007f4b64c0\n"
	           "X86VtoP: PAE PDPE 000000007f4b64c0 - 000000000034f801\n"
	           "X86VtoP: PAE PDE 000000000034f000 - 0000000003500067\n"
	           "X86VtoP: PAE PTE 0000000003500000 - 0000000000000000\n"
	           "X86VtoP: PAE zero PTE\n"
	           "Virtual address 0 translation fails, error 0xD0000147.\n");
	fake_free(&f);
}

/* The address that is larger than the memory: a hole below 4 GiB pushes RAM up. */
static void test_vtop_amd64_puzzle(void **state)
{
	static const uint64_t entries[] = { 0x2e54863, 0x2e55863, 0x13ea009e3 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_x64, 0xa8df3000);
	fake_path(&f, 4, 8, 0xa8df3000, 0xfffffa8005319b30, entries, 3);
	assert_int_equal(windbg_vtop_styled(fake_out(&f), &f.t, PADDR(0xa8df3000), 0xfffffa8005319b30,
	                                    WINDBG_SHORT), OK);
	check_text(f.text, "Amd64VtoP: Virt fffffa80`05319b30, pagedir a8df3000\n"
	           "Amd64VtoP: PML4E a8df3fa8\n"
	           "Amd64VtoP: PDPE 2e54000\n"
	           "Amd64VtoP: PDE 2e55148\n"
	           "Amd64VtoP: Large page mapped phys 1`3eb19b30\n"
	           "Virtual address fffffa8005319b30 translates to physical address 13eb19b30.\n");
	fake_free(&f);
}

static void test_vtop_failures(void **state)
{
	static const uint64_t lost[] = { 0x7777000067 }, swapped[] = { 0x2067, 0x3067, 0x4067, 0x1bbeda00002084 };
	static const uint64_t bad[] = { 0x2067, 0x3067, 0x80040000000000e7 & ~0x4000000000000ull, 0 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	f.mode.pa_bits = 40;
	f.mode.nx = false;
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x1000), 0x8000000000), ERR_NOT_FOUND);
	check_text(f.text, "Amd64VtoP: Virt 0000008000000000, pagedir 0000000000001000\n"
	           "Amd64VtoP: PML4E 0000000000001008\nAmd64VtoP: zero PML4E\n"
	           "Virtual address 8000000000 translation fails, error 0xD0000147.\n");
	fake_path(&f, 4, 8, 0x1000, 0x8000000000, lost, 1);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x1000), 0x8000000000), ERR_NOT_FOUND);
	assert_non_null(strstr(f.text, "\nAmd64VtoP: PDPE 0000007777000000\nAmd64VtoP: unable to read PDPE\n"));
	fake_path(&f, 4, 8, 0x1000, 0x1000, swapped, 4);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x1000), 0x1234), ERR_NOT_FOUND);
	assert_non_null(strstr(f.text, "\nAmd64VtoP: PTE not present, PageFile: 2, Offset: 1bbeda, "
	                               "Protect: 4 - ReadWrite\nVirtual address 1234 translation fails"));
	fake_path(&f, 4, 8, 0x1000, 0x400000, bad, 3);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x1000), 0x400000), ERR_NOT_FOUND);
	assert_non_null(strstr(f.text, "\nAmd64VtoP: bad PDE, reserved: bit 63\nVirtual address 400000 translation fails"));
	windbg_pte(fake_out(&f), &f.t, 0x400000);
	assert_non_null(strstr(f.text, "  bad entry\n"));
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x1000), 0x800000000000), ERR_NOT_FOUND);
	check_text(f.text, "Amd64VtoP: Virt 0000800000000000, pagedir 0000000000001000\n"
	           "Amd64VtoP: VA 800000000000 is not canonical\n"
	           "Virtual address 800000000000 translation fails, error 0xD0000147.\n");
	fake_free(&f);
}

/* ---- Arm: forms of our own ---- */

/* ARM DDI 0406C B3.5.1: first level 0xbf8 * 4, coarse table of 256 entries, small page with AP[0], XN. */
static void test_arm_short(void **state)
{
	static struct fake f;

	(void)state;
	fake_init(&f, fake_format("short"), 0x40004000);
	f.mode.afe = false;
	f.mode.dacr = 1;
	f.t.direct_base = 0xC0000000 - 0x40000000;
	f.t.direct_size = 0x70000000;
	fake_put(&f, 0x40004000 + 0xbf8 * 4, 0x40123401, 4);
	fake_put(&f, 0x40123400 + 0x1e * 4, 0x574a145f, 4);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40004000), 0xbf81ec24), OK);
	check_text(f.text, "ArmVtoP: Virt bf81ec24, pagedir 40004000\n"
	           "ArmVtoP: L1 40006fe0 - 40123401\nArmVtoP: L2 40123478 - 574a145f\n"
	           "ArmVtoP: Mapped phys 574a1c24\n"
	           "Virtual address bf81ec24 translates to physical address 574a1c24.\n");
	windbg_pte(fake_out(&f), &f.t, 0xbf81ec24);
	check_text(f.text, "                    VA bf81ec24\n"
	           "L1 at C0006FE0             L2 at C0123478\n"
	           "contains 40123401          contains 574A145F\n"
	           "pfn 40123     ---------EV  pfn 574a1     -G--A--KW-V\n");
	/* A 1 MiB section. */
	fake_put(&f, 0x40004000 + 0xc00 * 4, 0x40000412, 4);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40004000), 0xc0012345), OK);
	assert_non_null(strstr(f.text, "ArmVtoP: Large page mapped phys 40012345\n"));
	windbg_pte(fake_out(&f), &f.t, 0xc0012345);
	assert_non_null(strstr(f.text, "  LARGE PAGE pfn 40012\n"));
	fake_free(&f);
}

/* ARM DDI 0406C B3.6: 2 + 9 + 9 bits, AF set, type 3 a table above level 0 and a page at it. */
static void test_arm_long(void **state)
{
	static const uint64_t entries[] = { 0x40006003, 0x40007003, 0x574a1743 };
	static const uint64_t deep[] = { 0x40005003, 0x40006003, 0x40007003, 0x574a1743 };
	static struct fake f;

	(void)state;
	fake_init(&f, fake_format("lpae"), 0x40005000);
	fake_path(&f, 3, 8, 0x40005000, 0x7e9e6c24, entries, 3);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40005000), 0x7e9e6c24), OK);
	check_text(f.text, "ArmVtoP: Virt 000000007e9e6c24, pagedir 0000000040005000\n"
	           "ArmVtoP: LPAE L1 0000000040005008 - 0000000040006003\n"
	           "ArmVtoP: LPAE L2 0000000040006fa0 - 0000000040007003\n"
	           "ArmVtoP: LPAE L3 0000000040007f30 - 00000000574a1743\n"
	           "ArmVtoP: LPAE Mapped phys 00000000574a1c24\n"
	           "Virtual address 7e9e6c24 translates to physical address 574a1c24.\n");
	fake_free(&f);

	fake_init(&f, fake_format("a64"), 0x40004000);
	fake_path(&f, 4, 8, 0x40004000, 0x7e9e6c24, deep, 4);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40004000), 0x7e9e6c24), OK);
	assert_non_null(strstr(f.text, "Arm64VtoP: L0 0000000040004000 - 0000000040005003\n"));
	assert_non_null(strstr(f.text, "Arm64VtoP: Mapped phys 00000000574a1c24\n"));
	windbg_pte(fake_out(&f), &f.t, 0x7e9e6c24);
	assert_non_null(strstr(f.text, "contains 0000000040005003  contains 0000000040006003  "
	                               "contains 0000000040007003  contains 00000000574A1743\npfn 40005 "));
	fake_free(&f);
}

/* Pages that stand in sixteen entries, blocks, and AArch64 with three levels. */
static void test_arm_large(void **state)
{
	static const uint64_t block[] = { 0x40006003, 0x40000000 | 0x741 }, gib[] = { 0x40000741 };
	static const uint64_t three[] = { 0x40006003, 0x40007003, 0x574a1743 };
	static struct fake f;

	(void)state;
	fake_init(&f, fake_format("short"), 0x40004000);
	f.mode.dacr = 1;
	for (unsigned i = 0; i < 16; i++) {
		fake_put(&f, 0x40004000 + (0x120 + i) * 4, 0x8B340402 | 1u << 18, 4);
		fake_put(&f, 0x40123400 + (0x30 + i) * 4, 0x574a003d, 4);
	}
	fake_put(&f, 0x40004000 + 0xbf8 * 4, 0x40123401, 4);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40004000), 0xbf83a123), OK);
	check_text(f.text, "ArmVtoP: Virt bf83a123, pagedir 40004000\n"
	           "ArmVtoP: L1 40006fe0 - 40123401\nArmVtoP: L2 401234e8 - 574a003d\n"
	           "ArmVtoP: Large page mapped phys 574aa123\n"
	           "Virtual address bf83a123 translates to physical address 574aa123.\n");
	windbg_pte(fake_out(&f), &f.t, 0xbf83a123);
	assert_non_null(strstr(f.text, "\ncontains 40123401          contains 574A003D\n"));
	assert_non_null(strstr(f.text, "  LARGE PAGE pfn 574aa\n"));
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40004000), 0x12a34567), OK);
	assert_non_null(strstr(f.text, "ArmVtoP: L1 400044a8 - 8b340402\nArmVtoP: Large page mapped phys "
	                               "3`8ba34567\n"));
	fake_free(&f);

	fake_init(&f, fake_format("lpae"), 0x40005000);
	fake_path(&f, 3, 8, 0x40005000, 0x7e9e6c24, block, 2);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40005000), 0x7e9e6c24), OK);
	assert_non_null(strstr(f.text, "ArmVtoP: LPAE L2 0000000040006fa0 - 0000000040000741\n"
	                               "ArmVtoP: LPAE Large page mapped phys 00000000401e6c24\n"));
	fake_path(&f, 3, 8, 0x40005000, 0xc1234567, gib, 1);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40005000), 0xc1234567), OK);
	assert_non_null(strstr(f.text, "ArmVtoP: LPAE Large page mapped phys 0000000041234567\n"));
	fake_free(&f);

	fake_init(&f, fake_format("a64"), 0x40004000);
	f.mode.levels = 3;
	fake_put(&f, 0x40004000 + 8 * (0x123456789c >> 30), three[0], 8);
	fake_put(&f, 0x40006000 + 8 * (0x123456789c >> 21 & 511), three[1], 8);
	fake_put(&f, 0x40007000 + 8 * (0x123456789c >> 12 & 511), three[2], 8);
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40004000), 0x123456789c), OK);
	check_text(f.text, "Arm64VtoP: Virt 000000123456789c, pagedir 0000000040004000\n"
	           "Arm64VtoP: L1 0000000040004240 - 0000000040006003\n"
	           "Arm64VtoP: L2 0000000040006d10 - 0000000040007003\n"
	           "Arm64VtoP: L3 0000000040007b38 - 00000000574a1743\n"
	           "Arm64VtoP: Mapped phys 00000000574a189c\n"
	           "Virtual address 123456789c translates to physical address 574a189c.\n");
	assert_int_equal(windbg_vtop(fake_out(&f), &f.t, PADDR(0x40004000), 0x8000000000), ERR_NOT_FOUND);
	fake_free(&f);
}

/* The three entries whose ARM64 letters have been published, as level-0 pages and as a 2 MiB block. */
static void test_arm64_letters(void **state)
{
	static const struct { uint64_t entry; unsigned level; const char *letters; } rows[] = {
		{ 0x0060000084609F03, 0, "-R--ADK--V" }, { 0x00E0000084603F03, 0, "-W--ADK--V" },
		{ 0x00C000009C000F01, 1, "-WX-ADK-LV" },
	};
	static struct fake f;

	(void)state;
	fake_init(&f, fake_format("a64"), 0x40004000);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char letters[16];

		pt_letters(&f.mode, rows[i].level, PTE(rows[i].entry), letters, sizeof(letters));
		check_text(letters, rows[i].letters);
	}
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vtop_legacy),
		cmocka_unit_test(test_vtop_pae),
		cmocka_unit_test(test_vtop_amd64_puzzle),
		cmocka_unit_test(test_vtop_failures),
		cmocka_unit_test(test_arm_short),
		cmocka_unit_test(test_arm_long),
		cmocka_unit_test(test_arm_large),
		cmocka_unit_test(test_arm64_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
