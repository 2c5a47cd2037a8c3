/* lib/pagefile.h - the header of a page file, in slot 0 of its disk. A disk without it is never written.
 * SPDX-License-Identifier: MIT
 *
 * Slot N is the PAGEFILE_SLOT bytes at offset N * 4096 of the disk and of its image.
 * Numbers are little-endian. tools/mkpagefile writes the same header.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define PAGEFILE_MAGIC   "Pageturner slots"     /* 16 bytes, without a NUL */
#define PAGEFILE_VERSION 1
#define PAGEFILE_SLOT    4096

struct pagefile_header {
	char magic[16];
	uint32_t version;
	uint32_t slot_bytes;
	uint64_t slots;           /* including slot 0 */
	uint32_t sum;             /* FNV-1a of the bytes before it */
	uint32_t reserved;
};

uint32_t pagefile_sum(const struct pagefile_header *h);
void pagefile_header_fill(struct pagefile_header *h, uint64_t slots);
/* NULL: a valid header of this version; otherwise a phrase that says what the disk holds instead. */
const char *pagefile_header_fault(const struct pagefile_header *h);
