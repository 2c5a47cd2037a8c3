/* mm/space/cow.c - copy on write: shared frames are copied, the last owner's is reused, the zero frame is replaced.
 * SPDX-License-Identifier: MIT
 *
 * Copy-on-write is no bit: it is "the range may be written, the entry may not, the frame is not ours alone".
 */
#include "mm/space/cow.h"
#include "arch/mmu.h"
#include "mm/phys/kmap.h"

err_t cow_copy(pfn_t old, enum fault_action action, pfn_t *new)
{
	err_t err = frame_alloc(action == ACT_REPLACE_ZERO ? FRAME_ZERO : FRAME_ANY, FRAME_ACTIVE, new);

	if (err == OK && action == ACT_COPY) {
		void *from = kmap(old), *to = kmap(*new);

		arch_page_copy(to, from);
		kunmap(to);
		kunmap(from);
	}
	return err;
}
