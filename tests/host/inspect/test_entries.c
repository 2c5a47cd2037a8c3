/* tests/host/inspect/test_entries.c - what explain says of single entries: fields and bits that depend on format, level, page
 * size and mode, by the manuals.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/explain.h"
#include "tests/host/inspect/fixture.h"

static struct fake f;

static void entry_of(const struct pt_format *format, unsigned level, uint64_t entry)
{
	fake_init(&f, format, 0x8000);
	f.mode.mair = 0xBB4404FF;
	f.mode.dacr = 0x00000071;
	explain_entry(fake_out(&f), &f.t, level, PTE(entry));
	fake_free(&f);
}

/* SDM 3A tables 4-5, 4-10, 4-17 to 4-19: D and G of an entry that references a table are ignored; 4-8: a PDPTE of PAE
 * has neither these nor A. */
static void test_ignored_in_tables(void **state)
{
	static const struct { const struct pt_format *format; unsigned level; } tables[] = {
		{ &pt_legacy, 1 }, { &pt_pae, 1 }, { &pt_x64, 1 }, { &pt_x64, 2 }, { &pt_x64, 3 }, { &pt_la57, 4 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (unsigned bits = 0; bits < 2; bits++) {
			entry_of(tables[i].format, tables[i].level, bits ? 0x102D167 : 0x102D027);
			check_has(f.text, " Dirty: ignored: the entry references a table\n");
			check_has(f.text, " Global: ignored: the entry references a table\n");
			check_has(f.text, " Accessed: accessed\n");
			check_has(f.text, "The next table is at 102d000.\n");
		}
	}
	entry_of(&pt_pae, 2, 0x5021);
	check_has(f.text, "  bit 5        1           reserved: must be zero here; QEMU sets it\n");
	check_has(f.text, "  bit 6        0           Dirty: zero, as it must be here\n");
	check_has(f.text, "  bit 8        0           Global: zero, as it must be here\n");
	check_lacks(f.text, "Accessed");
	entry_of(&pt_a64, 1, 0x0080000040003443);
	check_has(f.text, " AF: ignored: the descriptor references a table\n");
	check_has(f.text, " AP[1]: ignored: the descriptor references a table\n");
	check_has(f.text, " PXN: ignored: the descriptor references a table\n");
	check_lacks(f.text, "user mode may\n");
}

/* PAT is bit 7 of a page and bit 12 of a large one; neither it nor PSE-36's bits belong to the frame number. */
static void test_fields_of_large_pages(void **state)
{
	(void)state;
	entry_of(&pt_x64, 1, 0x800000001C6011E3);
	check_has(f.text, "  bit 12       1           PAT: IA32_PAT entries 4 to 7\n"
	          "  bits 20:13   0           reserved: zero, as it must be here\n"
	          "  bits 47:21   1c600       PageFrameNumber\n");
	check_has(f.text, "A page of 2 MiB begins at 1c600000.\n");
	entry_of(&pt_x64, 0, 0x54321E3);
	check_has(f.text, "  bit 7        1           PAT: IA32_PAT entries 4 to 7\n");
	check_has(f.text, "  bits 47:12   5432        PageFrameNumber\n");
	entry_of(&pt_x64, 2, 0x00400000400010E3);
	check_has(f.text, "  bit 12       1           PAT: IA32_PAT entries 4 to 7\n");
	check_has(f.text, "  bits 29:13   0           reserved: zero, as it must be here\n"
	          "  bits 47:30   40000       PageFrameNumber\n");
	entry_of(&pt_legacy, 1, 0x0FC051E3);
	check_has(f.text, "  bit 12       1           PAT: IA32_PAT entries 4 to 7\n"
	          "  bits 20:13   2           PageFrameHigh: PSE-36: bits 39:32 of the address\n"
	          "  bit 21       0           reserved: zero, as it must be here\n"
	          "  bits 31:22   fc00        PageFrameNumber\n");
	check_has(f.text, "A page of 4 MiB begins at 20fc00000.\n");
	entry_of(&pt_legacy, 0, 0x0FC050A3);
	check_has(f.text, "  bit 7        1           PAT: IA32_PAT entries 4 to 7\n");
	check_has(f.text, "  bits 31:12   fc05        PageFrameNumber\n");
	/* Bits 20:12 of AArch64's 2 MiB block are RES0. */
	entry_of(&pt_a64, 1, 0x0060000044060701);
	check_has(f.text, "  bits 20:12   60          RES0: must be zero here, not part of the address\n"
	          "  bits 47:21   44000       PageFrameNumber\n");
	check_has(f.text, "A page of 2 MiB begins at 44000000.\n");
	entry_of(&pt_lpae, 2, 0x40000701);
	check_has(f.text, "  bits 29:12   0           RES0: zero, as it must be here\n");
	/* A set bit that belongs to no field is shown, too. */
	entry_of(&pt_a64, 0, 0x0260000044001703);
	check_has(f.text, "  bit 57       1           no field: ignored here\n");
	entry_of(&pt_a64, 0, 0x006F000044001703);
	check_has(f.text, "  bits 49:48   3           RES0: should be zero, the CPU ignores it\n"
	          "  bit 50       1           GP: guarded: branches need a target (BTI)\n"
	          "  bit 51       1           DBM: the CPU may clear AP[2] at a write (TCR.HD)\n");
	entry_of(&pt_lpae, 1, 0x00F0010044001003);
	check_has(f.text, "  bits 51:40   1           RES0: should be zero, the CPU ignores it\n");
	/* A large page's bits 8:6, a table's 4 and 9. */
	entry_of(&pt_short, 0, 0x574A00F1);
	check_has(f.text, "  bits 8:6     3           SBZ: should be zero, the CPU ignores it\n");
	entry_of(&pt_short, 1, 0x48269E11);
	check_has(f.text, "  bit 4        1           SBZ: should be zero, the CPU ignores it\n");
	check_has(f.text, "  bit 9        1           IMP: implementation defined\n");
}

/* Bits that must be zero: SDM vol. 3A tables 4-4 to 4-6, 4-8 to 4-11 and 4-14 to 4-20; DDI 0487 D8.3 (address size). Bits
 * that would make it another kind of entry are left out. */
static void test_bits_that_must_be_zero(void **state)
{
#define FROM(high, low) ((~0ull >> (63 - (high))) & ~0ull << (low))
	static const struct {
		const struct pt_format *format;
		unsigned level, pa_bits;
		bool no_nx;
		uint64_t entry, zero, skip;
	} rows[] = {
		{ &pt_legacy, 0, 36, false, 0x1025, 0, 1 },
		{ &pt_legacy, 1, 36, false, 0x1067, 0, 1 | 1 << 7 },
		{ &pt_legacy, 1, 36, false, 0x4000E3, FROM(21, 17), 1 | 1 << 7 },
		{ &pt_legacy, 1, 40, false, 0x4000E3, FROM(21, 21), 1 | 1 << 7 },
		{ &pt_legacy, 1, 32, false, 0x4000E3, FROM(21, 13), 1 | 1 << 7 },
		{ &pt_pae, 0, 36, false, 0x1025, FROM(62, 36), 1 },
		{ &pt_pae, 0, 36, true, 0x1025, FROM(63, 36), 1 },
		{ &pt_pae, 1, 36, false, 0x1067, FROM(62, 36), 1 | 1 << 7 },
		{ &pt_pae, 1, 40, false, 0x2000E3, FROM(62, 40) | FROM(20, 13), 1 | 1 << 7 },
		{ &pt_pae, 2, 36, false, 0x1001, FROM(63, 36) | FROM(8, 5) | FROM(2, 1), 1 },
		{ &pt_x64, 0, 40, false, 0x1025, FROM(51, 40), 1 },
		{ &pt_x64, 0, 46, true, 0x1025, FROM(51, 46) | FROM(63, 63), 1 },
		{ &pt_x64, 1, 40, false, 0x3F7FF067, FROM(51, 40), 1 | 1 << 7 },
		{ &pt_x64, 1, 40, false, 0x2000E3, FROM(51, 40) | FROM(20, 13), 1 | 1 << 7 },
		{ &pt_x64, 2, 52, false, 0x400000E3, FROM(29, 13), 1 | 1 << 7 },
		{ &pt_x64, 2, 40, false, 0x3F7FF067, FROM(51, 40), 1 | 1 << 7 },
		{ &pt_x64, 3, 40, false, 0x3F7FF067, FROM(51, 40) | FROM(7, 7), 1 },
		{ &pt_la57, 4, 40, false, 0x3F7FF067, FROM(51, 40) | FROM(7, 7), 1 },
		{ &pt_a64, 0, 40, false, 0x1703, FROM(47, 40), 3 },
		{ &pt_lpae, 0, 36, false, 0x1703, FROM(39, 36), 3 },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		fake_init(&f, rows[i].format, 0x4000);
		f.mode.pa_bits = (uint8_t)rows[i].pa_bits;
		f.mode.nx = !rows[i].no_nx;
		for (unsigned bit = 0; bit < f.mode.format->entry_bytes * 8u; bit++) {
			uint64_t e = rows[i].entry | 1ull << bit;
			bool zero = rows[i].zero >> bit & 1;

			if (rows[i].skip >> bit & 1)
				continue;
			explain_entry(fake_out(&f), &f.t, rows[i].level, PTE(e));
			if (zero != (strstr(f.text, ": must be zero here") != NULL))
				fail_msg("row %u, bit %u:\n%s", i, bit, f.text);
		}
		fake_free(&f);
	}
}

/* A field that ends above the physical address is taken apart where a bit there is set, and around the C-bit. */
static void test_address_bits(void **state)
{
	(void)state;
	fake_init(&f, &pt_x64, 0x4000);
	f.mode.pa_bits = 45;
	explain_entry(fake_out(&f), &f.t, 0, PTE(0x8000000000123067 | 1ull << 46));
	check_has(f.text, "  bits 44:12   123         PageFrameNumber\n"
	          "  bits 47:45   2           above the physical address: must be zero here\n");
	check_has(f.text, "  The CPU rejects this entry: without bit 46 it would be good.\n");
	explain_entry(fake_out(&f), &f.t, 0, PTE(0x8000000000123067));
	check_has(f.text, "  bits 47:12   123         PageFrameNumber\n");
	f.mode.pa_bits = 43;
	f.mode.encrypted = 1ull << 47;
	explain_entry(fake_out(&f), &f.t, 0, PTE(0x8000000000123067 | 1ull << 47));
	check_has(f.text, "  bits 42:12   123         PageFrameNumber\n"
	          "  bits 46:43   0           above the physical address: zero, as it must be here\n"
	          "  bit 47       1           C-bit: encrypted memory\n");
	check_has(f.text, "  A page of 4 KiB begins at 123000.\n");
	explain_entry(fake_out(&f), &f.t, 1, PTE(0x00000000006000E3 | 1ull << 47));
	check_has(f.text, "  bits 42:21   600         PageFrameNumber\n");
	check_has(f.text, "  A page of 2 MiB begins at 600000.\n");
	fake_free(&f);
	/* The CPU checks a PDPTE of PAE at the load of CR3 (SDM vol. 3A 4.4.1), a PDE in the walk. */
	fake_init(&f, &pt_pae, 0x4000);
	f.mode.pa_bits = 40;
	explain_entry(fake_out(&f), &f.t, 2, PTE(0x9003));
	check_has(f.text, "  The CPU rejects this entry when it loads the root: without bit 1 it would be good.\n");
	explain_entry(fake_out(&f), &f.t, 1, PTE(0x9003 | 1ull << 46));
	check_has(f.text, "  The CPU rejects this entry: without bit 46 it would be good.\n");
	fake_free(&f);
	/* PSE-36 on a CPU with 36 bits. */
	fake_init(&f, &pt_legacy, 0x4000);
	f.mode.pa_bits = 36;
	explain_entry(fake_out(&f), &f.t, 1, PTE(0x0FC051E3 | 1 << 18));
	check_has(f.text, "  bits 16:13   2           PageFrameHigh: PSE-36: bits 39:32 of the address\n"
	          "  bits 20:17   2           reserved: must be zero here\n");
	fake_free(&f);
}

/* TEX remap, B3.8.3, with Linux's registers and with ones of the test's: types 0 to 7 by TEX[0], C, B. */
static void test_tex_remap(void **state)
{
	static const char *const linux_types[] = {
		"strongly-ordered", "normal, non-cacheable", "normal, write-through", "normal, write-back, no write-allocate",
		"device, shareable", "strongly-ordered", "implementation defined", "normal, write-back, write-allocate",
	};
	static const struct { uint32_t prrr, nmrr, entry; const char *type; } rows[] = {
		/* Device memory: DS1, bit 17, and DS0, bit 16, by the entry's S, bit 10. */
		{ 0x00020100, 0, 0x1572, "device, shareable" }, { 0x00010100, 0, 0x1572, "device, not shareable" },
		{ 0x00010100, 0, 0x1172, "device, shareable" }, { 0x00020100, 0, 0x1172, "device, not shareable" },
		{ 0x00000300, 0, 0x1172, "reserved in PRRR" },
		/* Outer and inner policies apart: type 4, inner bits 9:8, outer 25:24. */
		{ 0x00000200, 0x02000100, 0x1172, "normal, outer write-through, inner write-back, write-allocate" },
		{ 0x00000200, 0x00000300, 0x11F2, "normal, outer non-cacheable, inner write-back, no write-allocate" },
	};
	char line[120];

	(void)state;
	fake_init(&f, &pt_short, 0x4000);
	f.mode.tre = true;
	f.mode.prrr = 0xFF0A81A8;
	f.mode.nmrr = 0x40E040E0;
	for (uint32_t n = 0; n < 8; n++) {
		/* TEX[2:1] are software's. */
		for (uint32_t soft = 0; soft < 4; soft++) {
			uint32_t tex = n >> 2 | soft << 1, cb = n & 3;

			snprintf(line, sizeof(line), "  Memory type, by PRRR and NMRR: %s.\n", linux_types[n]);
			explain_entry(fake_out(&f), &f.t, 0, PTE(0x574A1432 | tex << 6 | cb << 2));
			check_has(f.text, line);
			explain_entry(fake_out(&f), &f.t, 1, PTE(0x57410C02 | tex << 12 | cb << 2));
			check_has(f.text, line);
			explain_entry(fake_out(&f), &f.t, 0, PTE(0x574A0431 | tex << 12 | cb << 2));
			check_has(f.text, line);
		}
	}
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		f.mode.prrr = rows[i].prrr;
		f.mode.nmrr = rows[i].nmrr;
		snprintf(line, sizeof(line), "  Memory type, by PRRR and NMRR: %s.\n", rows[i].type);
		explain_entry(fake_out(&f), &f.t, 0, PTE(rows[i].entry));
		check_has(f.text, line);
	}
	fake_free(&f);
}

/* ARM DDI 0406C tables B3-10 and B3-11 (short), B4.1.104 (MAIR), B3.7.3 (domains). */
static void test_arm_words(void **state)
{
	static const struct { uint32_t tcb; const char *type; } types[] = {
		{ 0x00, "strongly-ordered" }, { 0x01, "device, shareable" },
		{ 0x02, "normal, write-through, no write-allocate" },
		{ 0x03, "normal, write-back, no write-allocate" }, { 0x04, "normal, non-cacheable" },
		{ 0x07, "normal, write-back, write-allocate" }, { 0x08, "device, not shareable" },
		{ 0x09, "reserved" },
		{ 0x16, "normal, outer write-back, write-allocate, inner write-through" },
		{ 0x19, "normal, outer write-through, inner write-back, write-allocate" },
	};
	char line[120];

	(void)state;
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint32_t tex = types[i].tcb >> 2, cb = types[i].tcb & 3;

		snprintf(line, sizeof(line), "  Memory type, with SCTLR.TRE clear: %s.\n", types[i].type);
		entry_of(&pt_short, 0, 0x574A1032 | tex << 6 | cb << 2);
		check_has(f.text, line);
		check_has(f.text, cb & 2 ? " C: cacheable\n" : " C: not cacheable\n");
		check_has(f.text, cb & 1 ? " B: bufferable\n" : " B: not bufferable\n");
		entry_of(&pt_short, 1, 0x57400C02 | tex << 12 | cb << 2);
		check_has(f.text, line);
		entry_of(&pt_short, 0, 0x574A0031 | tex << 12 | cb << 2);
		check_has(f.text, line);
	}
	/* DACR 71: domain 0 client, 1 nothing, 2 manager, 3 client. */
	entry_of(&pt_short, 1, 0x48269C01);
	check_has(f.text, "  bits 8:5     0           Domain: client by DACR: permissions are checked\n");
	entry_of(&pt_short, 1, 0x48269C21);
	check_has(f.text, "  bits 8:5     1           Domain: no access, by DACR\n");
	entry_of(&pt_short, 1, 0x57400C42);
	check_has(f.text, "  bits 8:5     2           Domain: manager by DACR: permissions are not checked\n");
	/* A section on a CPU without PXN: bit 1 is its type, and no bit that must be zero is set. */
	entry_of(&pt_short, 1, 0x45100C02);
	check_has(f.text, " Section: section\n");
	check_lacks(f.text, "must be zero here\n");
	entry_of(&pt_lpae, 0, 0x40201703 | 1 << 2);
	check_has(f.text, "  bits 4:2     1           AttrIndx: device (Device-nGnRE)\n");
	check_has(f.text, "  bits 9:8     3           SH: inner shareable\n");
	check_has(f.text, "  Memory type: device (Device-nGnRE).\n");
	entry_of(&pt_lpae, 1, 0x40200701);
	check_has(f.text, "  Memory type: normal, write-back, write-allocate.\n");
	entry_of(&pt_a64, 0, 0x40201703 | 2 << 2);
	check_has(f.text, "  Memory type: normal, non-cacheable.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ignored_in_tables),
		cmocka_unit_test(test_fields_of_large_pages),
		cmocka_unit_test(test_arm_words),
		cmocka_unit_test(test_bits_that_must_be_zero),
		cmocka_unit_test(test_address_bits),
		cmocka_unit_test(test_tex_remap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
