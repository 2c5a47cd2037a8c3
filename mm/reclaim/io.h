/* mm/reclaim/io.h - transfers of pages: a fixed number of requests, so that freeing memory never needs memory.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/list.h"
#include "mm/reclaim/store.h"

#define PAGE_IOS 8
struct page_io {
	struct store_io io;
	uint32_t slot;              /* the first one */
	pfn_t frame[STORE_IO_MAX];
	bool used;
	volatile bool ended;        /* set by the disk's interrupt handler */
};

/* An unused request, NULL: all are in flight. */
struct page_io *page_io_get(void);
void page_io_put(struct page_io *p);
/* Starts the transfer of p->io.count frames; p->slot and p->frame are set. An error is reported by page_io_finish() as well. */
void page_io_start(struct page_io *p, bool write);
/* Handles the transfers that have ended: frames get their next state. Not from interrupt handlers. Returns their number. */
unsigned page_io_finish(void);
/* Number of transfers that are in flight, or ended and not yet handled. */
unsigned page_io_pending(void);
/* Number of writes in flight, or ended and not yet handled, to the slot. */
unsigned page_io_writes(uint32_t slot);
/* Waits until a transfer ends (see mm_wait.sleep), then handles it. False: none is in flight, or the process was killed. */
bool page_io_wait(bool may_switch);
