/* shell/live/page_kind.h - what a frame, or a page of an address space, is used for: the kinds of `frames` and `spaces`.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/proc.h"
#include "shell/picture/cells.h"

#define PAGE_DIGITS 9

enum page_kind {
	PAGE_KERNEL, PAGE_TABLE,
	PAGE_PROCESS,                               /* and the 8 that follow: one per digit */
	PAGE_OTHER = PAGE_PROCESS + PAGE_DIGITS,    /* a process without a digit */
	PAGE_SHARED,
	PAGE_ZEROED, PAGE_FREE, PAGE_STANDBY, PAGE_MODIFIED, PAGE_TRANSFER, PAGE_BAD,
	/* Pages only. */
	PAGE_ZERO, PAGE_CACHED, PAGE_PAGEFILE, PAGE_GUARD, PAGE_DEVICE, PAGE_UNTOUCHED, PAGE_UNREADABLE,
	PAGE_KINDS
};
extern const struct cell_kind page_kinds[PAGE_KINDS];

/* Gives the processes digits: the lowest that is free. A process keeps its digit, so that pictures can be compared. */
void page_digits_update(void);
/* The process of a digit, 0 for the first. NULL: none. */
const struct proc *page_digit_process(unsigned digit);
/* The kind of the private pages of a process. */
enum page_kind page_kind_of_process(const struct proc *p);
enum page_kind page_kind_of_frame(const struct frame *f);
