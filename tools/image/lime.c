/* tools/image/lime.c - LiME dumps: records of a header and the bytes of a range of physical memory.
 * SPDX-License-Identifier: MIT
 *
 * LiME documentation, "lime format": u32 magic, u32 version, u64 first and u64 last address (inclusive), 8 reserved bytes.
 */
#include <inttypes.h>

#include "tools/image/reader.h"

#define MAGIC 0x4C694D45u
#define HEADER 32u

bool image_open_lime(struct image *m)
{
	for (uint64_t at = 0; at < m->size; ) {
		uint64_t first, last;

		if (!image_has(m, at, HEADER))
			return image_damaged(m, at, "the file ends within the header of a range");
		if (get32(m, at) != MAGIC)
			return image_damaged(m, at, "no range begins here: %08x is not the mark of one", get32(m, at));
		if (get32(m, at + 4) != 1)
			return image_damaged(m, at + 4, "version %u, not 1", get32(m, at + 4));
		first = get64(m, at + 8);
		last = get64(m, at + 16);
		if (last < first || last - first == UINT64_MAX)
			return image_damaged(m, at + 8, "the range %" PRIx64 "-%" PRIx64 " ends before it begins", first, last);
		if (!image_add(m, first, last - first + 1, at + HEADER))
			return false;
		at += HEADER + (last - first + 1);
	}
	return true;
}
