/* tests/host/inspect/test_fields.c - dt against the published structure, and against bits set one at a time.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/fields.h"
#include "tests/host/inspect/fixture.h"

static struct fake f;

/* The published worked example: a processor without NX, read at the self-map's address. */
static void test_published_dt(void **state)
{
	static const uint64_t entries[] = { 0x5000001, 0x102D963, 0x2010121 };
	const uint64_t at = 0xC0603E68;
	uint64_t self[] = { 0x6000001, 0x5000063 };

	(void)state;
	fake_init(&f, &pt_pae, 0x1a8000);
	f.mode.nx = false;
	f.t.selfmap_base = 0xC0000000;
	fake_path(&f, 3, 8, 0x1a8000, 0xf9a10054, entries, 3);
	/* The directory of the top gigabyte holds, in its self-map slot, itself. */
	self[0] = 0x5000001;
	fake_path(&f, 3, 8, 0x1a8000, at, self, 2);
	fake_put(&f, 0x5000000 + 3 * 8, 0x5000063, 8);
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "_MMPTE_HARDWARE", NULL, &at), OK);
	check_text(f.text, "nt!_MMPTE_HARDWARE\n"
	           "   +0x000 Valid            : 0y1\n"
	           "   +0x000 Writable         : 0y1\n"
	           "   +0x000 Owner            : 0y0\n"
	           "   +0x000 WriteThrough     : 0y0\n"
	           "   +0x000 CacheDisable     : 0y0\n"
	           "   +0x000 Accessed         : 0y1\n"
	           "   +0x000 Dirty            : 0y1\n"
	           "   +0x000 LargePage        : 0y0\n"
	           "   +0x000 Global           : 0y1\n"
	           "   +0x000 CopyOnWrite      : 0y0\n"
	           "   +0x000 Prototype        : 0y0\n"
	           "   +0x000 Write            : 0y1\n"
	           "   +0x000 PageFrameNumber  : 0y00000000000001000000101101 (0x102d)\n"
	           "   +0x000 reserved1        : 0y00000000000000000000000000 (0)\n");
	fake_free(&f);
}

static void test_layouts(void **state)
{
	static const char software[] = "nt!_MMPTE_SOFTWARE\n"
	           "   +0x000 Valid            : Pos 0, 1 Bit\n"
	           "   +0x000 PageFileLow      : Pos 1, 4 Bits\n"
	           "   +0x000 Protection       : Pos 5, 5 Bits\n"
	           "   +0x000 Prototype        : Pos 10, 1 Bit\n"
	           "   +0x000 Transition       : Pos 11, 1 Bit\n"
	           "   +0x000 Unused0          : Pos 12, 20 Bits\n"
	           "   +0x000 PageFileHigh     : Pos 32, 32 Bits\n";

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "nt!_MMPTE_SOFTWARE", NULL, NULL), OK);
	check_text(f.text, software);
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "nt!_mmpte_hardware", "", NULL), OK);
	assert_non_null(strstr(f.text, "   +0x000 PageFrameNumber  : Pos 12, 36 Bits\n"
	                               "   +0x000 reserved1        : Pos 48, 4 Bits\n"
	                               "   +0x000 SoftwareWsIndex  : Pos 52, 11 Bits\n"
	                               "   +0x000 NoExecute        : Pos 63, 1 Bit\n"));
	f.mode.nx = false;
	windbg_dt(fake_out(&f), &f.t, "_MMPTE_HARDWARE", NULL, NULL);
	assert_non_null(strstr(f.text, "   +0x000 reserved2        : Pos 63, 1 Bit\n"));
	fake_free(&f);
	fake_init(&f, &pt_legacy, 0x1000);
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "_MMPTE_TRANSITION", NULL, NULL), OK);
	check_text(f.text, "nt!_MMPTE_TRANSITION\n"
	           "   +0x000 Valid            : Pos 0, 1 Bit\n"
	           "   +0x000 Write            : Pos 1, 1 Bit\n"
	           "   +0x000 Owner            : Pos 2, 1 Bit\n"
	           "   +0x000 WriteThrough     : Pos 3, 1 Bit\n"
	           "   +0x000 CacheDisable     : Pos 4, 1 Bit\n"
	           "   +0x000 Protection       : Pos 5, 5 Bits\n"
	           "   +0x000 Prototype        : Pos 10, 1 Bit\n"
	           "   +0x000 Transition       : Pos 11, 1 Bit\n"
	           "   +0x000 PageFrameNumber  : Pos 12, 20 Bits\n");
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "_MMPTE_PROTOTYPE", NULL, NULL), OK);
	check_text(f.text, "nt!_MMPTE_PROTOTYPE\n"
	           "   +0x000 Valid            : Pos 0, 1 Bit\n"
	           "   +0x000 ProtoAddressLow  : Pos 1, 7 Bits\n"
	           "   +0x000 ReadOnly         : Pos 8, 1 Bit\n"
	           "   +0x000 WhichPool        : Pos 9, 1 Bit\n"
	           "   +0x000 Prototype        : Pos 10, 1 Bit\n"
	           "   +0x000 ProtoAddressHigh : Pos 11, 21 Bits\n");
	fake_free(&f);
	fake_init(&f, &pt_pae, 0x1000);
	windbg_dt(fake_out(&f), &f.t, "_MMPTE_PROTOTYPE", NULL, NULL);
	assert_non_null(strstr(f.text, "   +0x000 ProtoAddress     : Pos 32, 32 Bits\n"));
	windbg_dt(fake_out(&f), &f.t, "_MMPTE_SOFTWARE", NULL, NULL);
	assert_non_null(strstr(f.text, "   +0x000 InStore          : Pos 12, 1 Bit\n"
	                               "   +0x000 Unused1          : Pos 13, 19 Bits\n"
	                               "   +0x000 PageFileHigh     : Pos 32, 32 Bits\n"));
	fake_free(&f);
	fake_init(&f, &pt_x64, 0x1000);
	f.mode.pa_bits = 45;
	windbg_dt(fake_out(&f), &f.t, "_MMPTE_TRANSITION", NULL, NULL);
	assert_non_null(strstr(f.text, "   +0x000 PageFrameNumber  : Pos 12, 33 Bits\n"
	                               "   +0x000 Unused0          : Pos 45, 19 Bits\n"));
	fake_free(&f);
}

/* The page-file entries of the transcripts, taken apart. */
static void test_values(void **state)
{
	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	windbg_dt_entry(fake_out(&f), &f.t, DT_SOFTWARE, 0, PTE(0x001BBEDA00002084));
	check_text(f.text, "   +0x000 Valid            : 0y0\n"
	           "   +0x000 PageFileLow      : 0y0010 (0x2)\n"
	           "   +0x000 Protection       : 0y00100 (0x4)\n"
	           "   +0x000 Prototype        : 0y0\n"
	           "   +0x000 Transition       : 0y0\n"
	           "   +0x000 Unused0          : 0y00000000000000000010 (0x2)\n"
	           "   +0x000 PageFileHigh     : 0y00000000000110111011111011011010 (0x1bbeda)\n");
	windbg_dt_entry(fake_out(&f), &f.t, DT_TRANSITION, 0, PTE(0x166B7880));
	assert_non_null(strstr(f.text, "   +0x000 Transition       : 0y1\n"));
	assert_non_null(strstr(f.text, " (0x166b7)\n"));
	windbg_dt_entry(fake_out(&f), &f.t, DT_PROTOTYPE, 0, PTE(0xFFFFFFFF00000480));
	assert_non_null(strstr(f.text, "   +0x000 Prototype        : 0y1\n"));
	assert_non_null(strstr(f.text, "   +0x000 ProtoAddress     "
	                               ": 0y111111111111111111111111111111110000000000000000 (0xffffffff0000)\n"));
	windbg_dt_entry(fake_out(&f), &f.t, DT_PROTOTYPE, 0, PTE(0x8E00D8C69A680400));
	assert_non_null(strstr(f.text, " (0x8e00d8c69a68)\n"));
	f.mode.pa_bits = 45;
	windbg_dt_entry(fake_out(&f), &f.t, DT_TRANSITION, 0, PTE(0x0000200060533860));
	assert_non_null(strstr(f.text, "   +0x000 PageFrameNumber  : 0y000000000000001100000010100110011 (0x60533)\n"));
	fake_free(&f);
}

static void test_union_and_errors(void **state)
{
	const uint64_t nowhere = 0x12345000;

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "nt!_MMPTE", "u.Hard", NULL), OK);
	check_text(f.text, "nt!_MMPTE\n   +0x000 u                :\n"
	           "      +0x000 Hard             : _MMPTE_HARDWARE\n");
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "_MMPTE", NULL, NULL), OK);
	assert_non_null(strstr(f.text, "      +0x000 Trans            : _MMPTE_TRANSITION\n"));
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "_MMPTE", "u.Soup", NULL), ERR_NOT_FOUND);
	assert_int_equal(windbg_dt(&f.out.out, &f.t, "_MMPTE", "v", NULL), ERR_NOT_FOUND);
	assert_int_equal(windbg_dt(&f.out.out, &f.t, "_EPROCESS", NULL, NULL), ERR_NOT_FOUND);
	assert_int_equal(windbg_dt(&f.out.out, &f.t, "_MMPTE_HARDWARE", "Valid2", NULL), ERR_NOT_FOUND);
	check_text(f.text, "");
	assert_int_equal(windbg_dt(fake_out(&f), &f.t, "_MMPTE_HARDWARE", NULL, &nowhere), ERR_IO);
	check_text(f.text, "Memory read error 12345000\n");
	fake_free(&f);
}

/* Every format, level and form: the fields fill the entry without overlap, and the value printed for each is
 * where a single bit says it is. */
static void check_cover(const struct pt_format *format, enum dt_type type, unsigned level, uint64_t kind_bits)
{
	unsigned bits = format->entry_bytes * 8, next = 0;
	const char *line;

	fake_init(&f, format, 0x4000);
	windbg_dt_entry(fake_out(&f), &f.t, type, level, PTE(kind_bits));
	for (line = f.text; *line; line = strchr(line, '\n') + 1) {
		const char *value = strstr(line, ": 0y") + 4;
		size_t width = strspn(value, "01");

		for (size_t i = 0; i < width; i++)
			assert_int_equal(value[i] - '0', kind_bits >> (next + width - 1 - i) & 1);
		next += (unsigned)width;
	}
	assert_int_equal(next, bits);
	fake_free(&f);
}

static void test_every_bit_once(void **state)
{
	(void)state;
	for (unsigned i = 0; pt_formats[i]; i++)
		for (unsigned level = 0; level < pt_formats[i]->levels; level++)
			for (unsigned bit = 0; bit < pt_formats[i]->entry_bytes * 8u; bit++)
				for (unsigned low = 0; low < 4; low++)
					for (unsigned type = DT_HARDWARE; type <= DT_PROTOTYPE; type++)
						check_cover(pt_formats[i], type, level, 1ull << bit | low);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_dt),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_union_and_errors),
		cmocka_unit_test(test_every_bit_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
