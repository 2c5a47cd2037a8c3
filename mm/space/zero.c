/* mm/space/zero.c - the one frame of zeroes that every untouched page shares.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/kmap.h"
#include "mm/space/fault.h"
#include "mm/space/rmap.h"

pfn_t zero_frame;
struct frame *zero_record;

err_t zero_frame_init(void)
{
	err_t err = frame_alloc(FRAME_ZERO, FRAME_ACTIVE, &zero_frame);

	if (err != OK)
		return err;
	zero_record = frame_at(zero_frame);
	ASSERT(zero_record != NULL);
	/* Mappings of it do not count as committed. */
	zero_record->owner = OWNER_ZERO;
	/* From now on VMAs have a PTE for it. */
	fault_fast_init();
	return OK;
}

const char *zero_frame_check(void)
{
	const uintptr_t *word = kmap(zero_frame);
	bool clean = true;

	for (size_t i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		clean &= word[i] == 0;
	kunmap(word);
	return clean ? NULL : "the shared zero frame is no longer zero";
}
