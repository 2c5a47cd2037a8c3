/* tests/host/lib/test_tar.c - header blocks of tar archives: the forms of numbers, old archives, malformed headers.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "kernel/tar.h"

#define SIZE_AT 124
#define MTIME_AT 136
#define NUMBER 12
#define CHECKSUM_AT 148
#define TYPE_AT 156
#define MAGIC_AT 257

static unsigned char block[TAR_BLOCK];
static struct tar_entry entry;

/* Every byte of the field is written: n may leave a NUL out or put bytes behind one. */
static void field(unsigned at, const char *bytes, size_t n)
{
	memset(block + at, 0, NUMBER);
	memcpy(block + at, bytes, n);
}

static void checksum(const char *format, int with_sign)
{
	int sum = 0;

	memset(block + CHECKSUM_AT, ' ', 8);
	for (unsigned i = 0; i < TAR_BLOCK; i++)
		sum += with_sign ? (signed char)block[i] : block[i];
	snprintf((char *)block + CHECKSUM_AT, 8, format, (unsigned)sum);
}

static void header(const char *name, char type, const char *magic)
{
	memset(block, 0, sizeof(block));
	snprintf((char *)block, TAR_NAME, "%s", name);
	field(SIZE_AT, "00000001750", 12);
	field(MTIME_AT, "07777777777", 12);
	block[TYPE_AT] = (unsigned char)type;
	memcpy(block + MAGIC_AT, magic, strlen(magic) + 1);
	checksum("%06o", 0);
}

static void test_numbers(void **state)
{
	static const struct { const char *bytes; size_t n; err_t err; uint64_t value; } forms[] = {
		{ "00000001750", 12, OK, 1000 },
		{ "       1750", 12, OK, 1000 },             /* leading blanks */
		{ "       1750 ", 12, OK, 1000 },
		{ "        1750", 12, OK, 1000 },            /* no terminator */
		{ "000000001750", 12, OK, 1000 },
		{ "777777777777", 12, OK, 0xFFFFFFFFF },
		{ "1750 ", 5, OK, 1000 },
		{ "1750  \0junk", 11, OK, 1000 },
		{ "           0", 12, OK, 0 },
		{ "            ", 12, OK, 0 },
		{ "", 0, OK, 0 },
		{ "\x80\0\0\0\0\0\0\0\0\0\x03\xe8", 12, OK, 1000 },
		{ "\x80\0\0\0\xff\0\0\0\0\0\0\0", 12, OK, 0xFF00000000000000 },
		{ "\x80\0\0\x01\0\0\0\0\0\0\0\0", 12, ERR_CORRUPT, 0 },          /* more than 64 bits */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, ERR_CORRUPT, 0 },    /* negative */
		{ "0000000175x", 12, ERR_CORRUPT, 0 },
		{ "00000001800", 12, ERR_CORRUPT, 0 },
		{ "      -1750", 12, ERR_CORRUPT, 0 },
		{ "0x000001750", 12, ERR_CORRUPT, 0 },
		{ "1750 1750", 9, ERR_CORRUPT, 0 },
		{ "\t1750", 5, ERR_CORRUPT, 0 },
		{ "size", 4, ERR_CORRUPT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		header("file", '0', "ustar");
		field(SIZE_AT, forms[i].bytes, forms[i].n);
		if (tar_read_header(block, &entry) != forms[i].err)
			fail_msg("row %zu", i);
		if (forms[i].err == OK && entry.bytes != forms[i].value)
			fail_msg("row %zu: %llu", i, (unsigned long long)entry.bytes);
		/* A date that is no number does not make the archive unreadable. */
		header("file", '0', "ustar");
		field(MTIME_AT, forms[i].bytes, forms[i].n);
		assert_int_equal(tar_read_header(block, &entry), OK);
		assert_int_equal(entry.mtime, forms[i].value);
		assert_int_equal(entry.bytes, 1000);
	}
}

/* Before POSIX there was no magic: the checksum alone says that a block is a header. */
static void test_archives_without_magic(void **state)
{
	static const char *const formats[] = { "%06o", "%6o ", "%7o", "%6o", "%o" };

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		for (int with_sign = 0; with_sign < 2; with_sign++) {
			header("caf\xc3\xa9", 0, "");
			checksum(formats[i], with_sign);
			assert_true(tar_is_header(block));
			assert_int_equal(tar_read_header(block, &entry), OK);
			assert_true(entry.regular);
			block[1] ^= 1;
			assert_false(tar_is_header(block));
			assert_int_equal(tar_read_header(block, &entry), ERR_CORRUPT);
		}
	memset(block, 'x', sizeof(block));
	assert_false(tar_is_header(block));
	memset(block, 0, sizeof(block));
	assert_false(tar_is_header(block));
	assert_int_equal(tar_read_header(block, &entry), ERR_NOT_FOUND);
}

static void test_names_and_types(void **state)
{
	static const struct { const char *name; char type; bool regular; uint64_t bytes; const char *expected; } rows[] = {
		{ "hello", '0', true, 1000, "hello" }, { "./hello", '0', true, 1000, "hello" },
		{ "hello", 0, true, 1000, "hello" }, { "dir/", 0, false, 1000, "dir/" },
		{ "dir/", '5', false, 0, "dir/" }, { "./", '5', false, 0, "" }, { "./", '0', false, 1000, "" },
		{ "link", '1', false, 0, "link" }, { "link", '2', false, 0, "link" },
		{ "fifo", '6', false, 0, "fifo" }, { "pax", 'x', false, 1000, "pax" },
		{ "pax", 'g', false, 1000, "pax" }, { "long", 'L', false, 1000, "long" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		header(rows[i].name, rows[i].type, "ustar");
		assert_int_equal(tar_read_header(block, &entry), OK);
		assert_string_equal(entry.name, rows[i].expected);
		assert_int_equal(entry.regular, rows[i].regular);
		assert_int_equal(entry.bytes, rows[i].bytes);
	}
}

/* A name of 100 characters has no NUL; the mode field behind it is no part of it. */
static void test_the_longest_name(void **state)
{
	(void)state;
	header("", '0', "ustar");
	memset(block, 'n', TAR_NAME);
	memcpy(block + TAR_NAME, "0000644", 8);
	assert_int_equal(tar_read_header(block, &entry), OK);
	assert_int_equal(strlen(entry.name), TAR_NAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_archives_without_magic),
		cmocka_unit_test(test_names_and_types),
		cmocka_unit_test(test_the_longest_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
