/* shell/look/range_list.h - ranges in the order of their physical addresses.
 * SPDX-License-Identifier: MIT
 *
 * For ptdump --sort phys. A range is copied: the visitor reuses its own. The memory is the target's
 * (grow()), and range_list_free() gives it back.
 */
#pragma once
#include "inspect/linux.h"

struct range_list {
	const struct target *target;      /* its grow() is not NULL */
	struct linux_range *range;
	size_t n, room;
	bool full;                        /* there was no memory for more */
};

/* linux_select.take: appends a copy. */
bool range_list_add(void *list, const struct linux_range *r);
void range_list_sort(struct range_list *l);
void range_list_free(struct range_list *l);
