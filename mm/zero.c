/* mm/zero.c - the one frame of zeroes that every untouched page shares.
 * SPDX-License-Identifier: MIT
 */
#include "mm/fault.h"
#include "mm/kmap.h"

pfn_t zero_frame;

const char *zero_frame_check(void)
{
	const uintptr_t *word = kmap(zero_frame);
	bool clean = true;

	for (size_t i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		clean &= word[i] == 0;
	kunmap(word);
	return clean ? NULL : "the shared zero frame is not zero any more";
}
