/* lib/lz4.h - the block format of LZ4: compression and decompression of one block.
 * SPDX-License-Identifier: MIT
 *
 * The format is that of lz4_Block_format.md (version 1.6.3 of the LZ4 project): sequences of a token, literals, an offset of two
 * bytes and a length. A block ends with at least five literals, and its last match begins at least twelve bytes before its end.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Largest source of lz4_compress(): positions are 16 bits. */
#define LZ4_SOURCE_MAX 0xFFFFu
#define LZ4_TABLE 4096

/* Compresses n bytes. `table` has LZ4_TABLE elements with any contents; they can change the length of the block, not what it
 * decompresses to. Returns the length of the block; 0: it is longer than `room`, or n is 0 or too large. */
size_t lz4_compress(const void *source, size_t n, void *block, size_t room, uint16_t *table);
/* Decompresses a block of n bytes to exactly `size` bytes. False: the block is no such block; `out` may have been written. Reads
 * and writes nothing outside the buffers, whatever the block contains. */
bool lz4_decompress(const void *block, size_t n, void *out, size_t size);
