/* tests/host/lib/test_lz4.c - blocks that come back, and blocks that are damaged.
 * SPDX-License-Identifier: MIT
 *
 * `lib_lz4 compress` and `lib_lz4 decompress SIZE` are filters for tests/host/test_lz4_oracle.py, which compares with the lz4
 * program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/lz4.h"

#define MOST 0x10000u

static uint16_t table[LZ4_TABLE];
static uint32_t state = 12345;

static uint32_t rnd(void)
{
	return state = state * 1664525u + 1013904223u, state >> 8;
}

/* Bytes with repetitions, more of them the larger `kind` is. */
static void make(uint8_t *at, size_t n, unsigned kind)
{
	for (size_t i = 0; i < n; i++) {
		bool again = kind > 1 && i > 9 && rnd() % kind;

		at[i] = (uint8_t)(again ? at[i - 1 - rnd() % 8] : kind == 1 ? rnd() % 3 : rnd());
	}
}

/* Every size near the limits of the format, exact buffers so that the sanitizer sees a byte too far. */
static void blocks_come_back(void **unused)
{
	(void)unused;
	for (size_t n = 1; n < 4200; n += n < 80 ? 1 : 97) {
		for (unsigned kind = 0; kind < 40; kind += kind < 3 ? 1 : 9) {
			size_t room = n + n / 255 + 16, length;
			uint8_t *from = malloc(n), *block = malloc(room), *back = malloc(n), *exact;

			make(from, n, kind);
			length = lz4_compress(from, n, block, room, table);
			assert_in_range(length, 1, room);
			exact = malloc(length);
			memcpy(exact, block, length);
			assert_true(lz4_decompress(exact, length, back, n));
			assert_memory_equal(from, back, n);
			/* One byte less of output, of input and of room. What the table has from before changes the block. */
			assert_false(lz4_decompress(exact, length, back, n - 1));
			assert_false(lz4_decompress(exact, length - 1, back, n));
			memset(table, 0, sizeof(table));
			length = lz4_compress(from, n, block, room, table);
			memset(table, 0, sizeof(table));
			assert_int_equal(lz4_compress(from, n, block, length - 1, table), 0);
			free(from);
			free(block);
			free(back);
			free(exact);
		}
	}
}

/* Whatever a block contains, nothing outside the buffers is touched. */
static void damaged_blocks(void **unused)
{
	enum { SIZE = 4096 };
	uint8_t *from = malloc(SIZE), *back = malloc(SIZE), *block = malloc(SIZE + 32);
	size_t length;

	(void)unused;
	make(from, SIZE, 12);
	length = lz4_compress(from, SIZE, block, SIZE + 32, table);
	assert_in_range(length, 1, SIZE);
	for (unsigned turn = 0; turn < 20000; turn++) {
		uint8_t *bad = malloc(length);

		memcpy(bad, block, length);
		for (unsigned i = 0; i <= turn % 3; i++)
			bad[rnd() % length] = (uint8_t)rnd();
		(void)lz4_decompress(bad, length, back, SIZE);
		free(bad);
	}
	free(from);
	free(back);
	free(block);
}

static void refusals(void **unused)
{
	static uint8_t large[MOST], out[MOST];

	(void)unused;
	assert_int_equal(lz4_compress(large, 0, out, sizeof(out), table), 0);
	assert_int_equal(lz4_compress(large, MOST, out, sizeof(out), table), 0);
	assert_false(lz4_decompress(large, 0, out, 10));
	/* A match before the beginning, and with offset 0. */
	assert_false(lz4_decompress("\x10" "a" "\x02\x00" "\x50" "bcdef", 10, out, 10));
	assert_false(lz4_decompress("\x10" "a" "\x00\x00" "\x50" "bcdef", 10, out, 10));
	assert_true(lz4_decompress("\x10" "a" "\x01\x00" "\x50" "bcdef", 10, out, 10));
	assert_memory_equal(out, "aaaaabcdef", 10);
}

static int filter(int argc, char **argv)
{
	static uint8_t in[2 * MOST], out[2 * MOST];
	size_t n = fread(in, 1, sizeof(in), stdin), size = argc > 2 ? (size_t)atoi(argv[2]) : 0;

	if (!strcmp(argv[1], "compress"))
		size = lz4_compress(in, n, out, sizeof(out), table);
	else if (!lz4_decompress(in, n, out, size))
		return 1;
	return size && fwrite(out, 1, size, stdout) == size ? 0 : 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_come_back), cmocka_unit_test(damaged_blocks), cmocka_unit_test(refusals),
	};

	return argc > 1 ? filter(argc, argv) : cmocka_run_group_tests(tests, NULL, NULL);
}
