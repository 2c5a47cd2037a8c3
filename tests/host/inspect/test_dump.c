/* tests/host/inspect/test_dump.c - db dw dd dq dc, virtual and physical.
 * SPDX-License-Identifier: MIT
 *
 * The published dump of one address in both forms, and lines that libc's printf computes.
 */
#include <ctype.h>

#include "inspect/dump.h"
#include "tests/host/inspect/fixture.h"

static const struct dump_format *format(const char *name)
{
	const struct dump_format *f = dump_formats;

	while (f->name && strcmp(f->name, name) != 0)
		f++;
	assert_non_null(f->name);
	return f;
}

static const unsigned char code[48] = {
	0x33, 0xdb, 0x8b, 0x75, 0x18, 0x8b, 0x7d, 0x1c, 0x0f, 0x23, 0xfb, 0x0f, 0x23, 0xc6, 0x8b, 0x5d,
	0x20, 0x0f, 0x23, 0xcf, 0x0f, 0x23, 0xd3, 0x8b, 0x75, 0x24, 0x8b, 0x7d, 0x28, 0x8b, 0x5d, 0x2c,
	0x0f, 0x23, 0xde, 0x0f, 0x23, 0xf7, 0x0f, 0x23, 0xfb, 0xe9, 0x43, 0xff, 0xff, 0xff, 0x8b, 0x44,
};

static void test_published_dumps(void **state)
{
	static const uint64_t entries[] = { 0x6c46801, 0x4009e3 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_pae, 0x23406e0);
	fake_path(&f, 3, 8, 0x23406e0, 0x8054099e, entries, 2);
	for (unsigned i = 0; i < sizeof(code); i++)
		fake_put(&f, 0x54099e + i, code[i], 1);
	dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, format("db"), 0x54099e, 48);
	check_text(f.text,
	           "#  54099e 33 db 8b 75 18 8b 7d 1c-0f 23 fb 0f 23 c6 8b 5d 3..u..}..#..#..]\n"
	           "#  5409ae 20 0f 23 cf 0f 23 d3 8b-75 24 8b 7d 28 8b 5d 2c  .#..#..u$.}(.],\n"
	           "#  5409be 0f 23 de 0f 23 f7 0f 23-fb e9 43 ff ff ff 8b 44 .#..#..#..C....D\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("db"), 0x8054099e, 48);
	check_text(f.text,
	           "8054099e  33 db 8b 75 18 8b 7d 1c-0f 23 fb 0f 23 c6 8b 5d  3..u..}..#..#..]\n"
	           "805409ae  20 0f 23 cf 0f 23 d3 8b-75 24 8b 7d 28 8b 5d 2c   .#..#..u$.}(.],\n"
	           "805409be  0f 23 de 0f 23 f7 0f 23-fb e9 43 ff ff ff 8b 44  .#..#..#..C....D\n");
	/* The manual walk: the directory pointer, then the directory entry. */
	dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, format("dq"), 0x23406f0, 1);
	check_text(f.text, "# 23406f0 00000000`06c46801\n");
	dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, format("dq"), 0x6c46010, 1);
	check_text(f.text, "# 6c46010 00000000`004009e3\n");
	fake_free(&f);
}

static void test_64_bit_addresses_and_short_lines(void **state)
{
	static const uint64_t entries[] = { 0x2067, 0x3067, 0x4067, 0x13eb19067 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	fake_path(&f, 4, 8, 0x1000, 0xfffff68000001000, entries, 4);
	fake_put(&f, 0x13eb19ff8, 0x4847464544434241, 8);
	fake_put(&f, 0x13eb19ff0, 0x0000000000400021, 8);
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dq"), 0xfffff68000001ff0, 2);
	check_text(f.text, "fffff680`00001ff0  00000000`00400021 48474645`44434241\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dd"), 0xfffff68000001ff0, 3);
	check_text(f.text, "fffff680`00001ff0  00400021 00000000 44434241\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dw"), 0xfffff68000001ff0, 6);
	check_text(f.text, "fffff680`00001ff0  0021 0040 0000 0000 4241 4443\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dc"), 0xfffff68000001ff8, 2);
	check_text(f.text, "fffff680`00001ff8  44434241 48474645                    ABCDEFGH\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("db"), 0xfffff68000001ff8, 3);
	check_text(f.text, "fffff680`00001ff8  41 42 43                                         ABC\n");
	dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, format("dc"), 0x13eb19ff8, 2);
	check_text(f.text, "#13eb19ff8 44434241 48474645                   ABCDEFGH\n");
	dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, format("dc"), 0x13eb19ff8, 0);
	check_text(f.text, "");
	fake_free(&f);
}

/* 3000 is mapped, 4000 is not: the dump goes on. Physically it stops at the first silence. */
static void test_holes(void **state)
{
	static const uint64_t entries[] = { 0x2067, 0x9067 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_legacy, 0x1000);
	fake_path(&f, 2, 4, 0x1000, 0x3000, entries, 2);
	fake_put(&f, 0x9ff8, 0x6867666564636261, 8);
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dd"), 0x3ff8, 5);
	check_text(f.text, "00003ff8  64636261 68676665 ???????? ????????\n00004008  ????????\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dc"), 0x3ffc, 4);
	check_text(f.text, "00003ffc  68676665 ???????? ???????? ????????  efgh????????????\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dq"), 0x3ff8, 2);
	check_text(f.text, "00003ff8  68676665`64636261 ????????`????????\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("db"), 0x4000, 3);
	check_text(f.text, "00004000  ?? ?? ??                                         ???\n");
	dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, format("dw"), 0x9ffc, 20);
	check_text(f.text, "#    9ffc 6665 6867\nPhysical memory read at a000 failed\n");
	dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, format("db"), 0xe9000, 128);
	check_text(f.text, "Physical memory read at e9000 failed\n");
	fake_free(&f);
}

#define WARNING "CompressedPageDataReader warning: failed to get _SM_PAGE_KEY symbol.\n"

/* 3000 is mapped, 4000 and 5000 are in page file 2, 6000 is in page file 0: one warning for a command that meets page file 2. */
static void test_compressed_pages(void **state)
{
	static const uint64_t entries[] = { 0x2001, 0x7067, 0x9067 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	fake_path(&f, 3, 8, 0x1000, 0x3000, entries, 3);
	fake_put(&f, 0x7000 + 4 * 8, 0x1100000084, 8);
	fake_put(&f, 0x7000 + 5 * 8, 0x1200000084, 8);
	fake_put(&f, 0x7000 + 6 * 8, 0x1300000080, 8);
	fake_put(&f, 0x9ff8, 0x6867666564636261, 8);
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dd"), 0x3ff8, 2);
	check_text(f.text, "00003ff8  64636261 68676665\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dd"), 0x3ff8, 5);
	check_text(f.text, WARNING "00003ff8  64636261 68676665 ???????? ????????\n00004008  ????????\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dw"), 0x4ffe, 2);
	check_text(f.text, WARNING "00004ffe  ???? ????\n");
	/* An item of which only the end is compressed. */
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dq"), 0x3ffc, 1);
	check_text(f.text, WARNING "00003ffc  ????????`????????\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dw"), 0x6000, 2);
	check_text(f.text, "00006000  ???? ????\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dw"), 0x8000, 2);
	check_text(f.text, "00008000  ???? ????\n");
	fake_free(&f);
}

static void test_the_top_of_memory_ends_a_dump(void **state)
{
	static const uint64_t entries[] = { 0x2067, 0x9067 };
	static struct fake f;

	(void)state;
	fake_init(&f, &pt_legacy, 0x1000);
	fake_path(&f, 2, 4, 0x1000, 0xfffff000, entries, 2);
	fake_put(&f, 0x9ff8, 0x12345678, 8);
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dd"), 0xfffffff8, 1000);
	check_text(f.text, "fffffff8  12345678 00000000\n");
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dd"), 0xfffffffe, 1000);
	check_text(f.text, "fffffffe  ????????\n");
	fake_free(&f);
	fake_init(&f, &pt_x64, 0x1000);
	dump_memory(fake_out(&f), &f.t, DUMP_VIRTUAL, format("dw"), 0xfffffffffffffffc, UINT64_MAX);
	check_text(f.text, "ffffffff`fffffffc  ???? ????\n");
	fake_free(&f);
}

/* Line n of any format over random bytes, by libc alone. */
static void libc_line(char *to, const unsigned char *bytes, uint64_t at, const struct dump_format *f)
{
	to += sprintf(to, "#%8llx ", (unsigned long long)at);
	for (unsigned i = 0; i < f->per_line; i++) {
		unsigned long long v = 0;

		memcpy(&v, bytes + i * f->item, f->item);
		if (f->item == 8)
			to += sprintf(to, "%08llx`%08llx", v >> 32, v & 0xffffffff);
		else
			to += sprintf(to, "%0*llx", 2 * f->item, v);
		if (i + 1 < f->per_line)
			*to++ = f->item == 1 && i == 7 ? '-' : ' ';
	}
	if (f->chars) {
		*to++ = ' ';
		for (unsigned i = 0; i < 16; i++)
			*to++ = isprint(bytes[i]) ? (char)bytes[i] : '.';
	}
	strcpy(to, "\n");
}

static void test_random_memory(void **state)
{
	static struct fake f;
	unsigned char bytes[4096];

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (unsigned char)(i * 2654435761u >> 13);
		fake_put(&f, 0x7000 + i, bytes[i], 1);
	}
	for (const struct dump_format *df = dump_formats; df->name; df++) {
		char want[16384] = "";

		for (unsigned line = 0; line < 128; line++)
			libc_line(want + strlen(want), bytes + 3 + line * 16, 0x7003 + line * 16, df);
		dump_memory(fake_out(&f), &f.t, DUMP_PHYSICAL, df, 0x7003, 128u * df->per_line);
		check_text(f.text, want);
	}
	fake_free(&f);
}

/* ---- the reads and writes under it ---- */

/* 3000 -> 9000, 4000 -> 7000, 5000 nothing. */
static void test_reads_and_writes_cross_pages(void **state)
{
	static const uint64_t a[] = { 0x2067, 0x9067 }, b[] = { 0x2067, 0x7067 };
	static struct fake f;
	unsigned char got[8];

	(void)state;
	fake_init(&f, &pt_legacy, 0x1000);
	fake_path(&f, 2, 4, 0x1000, 0x3000, a, 2);
	fake_path(&f, 2, 4, 0x1000, 0x4000, b, 2);
	fake_put(&f, 0x9ffc, 0x44332211, 4);
	fake_put(&f, 0x7000, 0x88776655, 4);
	fake_put(&f, 0x7ff8, 0, 8);
	assert_int_equal(target_read_virt(&f.t, 0x3ffc, got, 8), OK);
	assert_memory_equal(got, "\x11\x22\x33\x44\x55\x66\x77\x88", 8);
	assert_int_equal(target_write_virt(&f.t, 0x3ffe, "abcd", 4), OK);
	assert_int_equal(fake_get(&f, 0x9ffc, 4), 0x62612211);
	assert_int_equal(fake_get(&f, 0x7000, 4), 0x88776463);
	/* All or nothing: the part before the hole stays as it was. */
	assert_int_equal(target_write_virt(&f.t, 0x4ffc, "12345678", 8), ERR_NOT_FOUND);
	assert_int_equal(fake_get(&f, 0x7ffc, 4), 0);
	assert_int_equal(target_read_virt(&f.t, 0x4ffc, got, 8), ERR_NOT_FOUND);
	assert_int_equal(target_read_virt(&f.t, 0xfffffffffffffffe, got, 4), ERR_RANGE);
	assert_int_equal(target_read_virt(&f.t, 0x100003000, got, 4), ERR_RANGE);
	f.t.write_phys = NULL;
	assert_int_equal(target_write_virt(&f.t, 0x3000, "x", 1), ERR_UNSUPPORTED);
	fake_free(&f);
}

/* Another process's page at the same address; its self-map is not the CPU's. */
static void test_decode_mode_decides_whose_memory(void **state)
{
	static const uint64_t mine[] = { 0x2067, 0x9067 }, other[] = { 0x22067, 0x29067 };
	static struct fake f;
	static const struct { enum decode decode; char user, selfmap; } rows[] = {
		{ DECODE_NONE, 'm', 'm' }, { DECODE_USER, 'o', 'm' }, { DECODE_ALL, 'o', 'o' },
	};

	(void)state;
	fake_init(&f, &pt_legacy, 0x21000);
	f.t.hw_root = PADDR(0x1000);
	f.t.selfmap_base = 0xffc00000;
	fake_path(&f, 2, 4, 0x1000, 0x3000, mine, 2);
	fake_path(&f, 2, 4, 0x21000, 0x3000, other, 2);
	fake_put(&f, 0x1000 + 0x3ff * 4, 0x1063, 4);
	fake_put(&f, 0x21000 + 0x3ff * 4, 0x21063, 4);
	fake_put(&f, 0x9000, 'm', 1);
	fake_put(&f, 0x29000, 'o', 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t pte;
		char c;

		f.t.decode = rows[i].decode;
		assert_int_equal(target_read_virt(&f.t, 0x3000, &c, 1), OK);
		assert_int_equal(c, rows[i].user);
		assert_int_equal(target_read_virt(&f.t, 0xffc00000 + 3 * 4, &pte, 4), OK);
		assert_int_equal(pte, rows[i].selfmap == 'm' ? 0x9067 : 0x29067);
		assert_int_equal(target_read_virt(&f.t, 0xfffffffc, &pte, 4), OK);
		assert_int_equal(pte, rows[i].selfmap == 'm' ? 0x1063 : 0x21063);
	}
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_dumps),
		cmocka_unit_test(test_64_bit_addresses_and_short_lines),
		cmocka_unit_test(test_holes), cmocka_unit_test(test_compressed_pages),
		cmocka_unit_test(test_the_top_of_memory_ends_a_dump),
		cmocka_unit_test(test_random_memory),
		cmocka_unit_test(test_reads_and_writes_cross_pages),
		cmocka_unit_test(test_decode_mode_decides_whose_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
