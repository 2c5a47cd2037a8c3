/* mm/reclaim/store.h - what mm needs of a disk: transfers between page-file slots and frames.
 * SPDX-License-Identifier: MIT
 *
 * kernel/reclaim.c fills the table and reports each page file with slots_add() (slots.h).
 */
#pragma once
#include "lib/err.h"
#include "mm/phys/frame.h"

#define STORE_IO_MAX 32         /* slots of one request */

struct store_io {
	bool write;                 /* false: slots to frames */
	uint8_t file;
	uint64_t slot;              /* the first one; slot n is at byte n * 4096 of the image */
	unsigned count;             /* consecutive slots, 1 to STORE_IO_MAX */
	const pfn_t *frame;         /* `count` frames, in any order */
	/* Called once for each accepted request, with interrupts off, perhaps before submit() returns. The request belongs to the
	 * caller again. */
	void (*done)(struct store_io *io);
	err_t error;                /* from done() on: OK or ERR_IO, for the request as a whole */
	_Alignas(16) char driver[1024];  /* the driver's own */
};

struct store_ops {
	/* ERR_INVALID, ERR_RANGE: no such file or slot; ERR_IO: the disk is dead. done() is called only after OK. */
	err_t (*submit)(struct store_io *io);
	/* Lets completed requests call done() while interrupts are off. A request without an answer calls it with an error after a
	 * bounded number of calls. */
	void (*poll)(void);
};
/* NULL: there is no page file. */
extern const struct store_ops *mm_store;
