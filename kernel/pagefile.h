/* kernel/pagefile.h - page files: disks with the header of lib/pagefile.h, and transfers between their slots and frames.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "drivers/block.h"
#include "lib/addr.h"

#define PAGEFILES       4       /* numbers 0 to 3 */
#define PAGEFILE_IO_MAX 32      /* slots of one transfer */

struct pagefile {
	struct block_device *disk;
	uint64_t slots;             /* slots on the disk; slot 0 is the header */
	uint64_t promised;          /* slots in the header: more if the disk is too short */
	pfn_t bounce;               /* for frames that the disk does not reach */
};

/* Reads slot 0 of every disk. */
void pagefile_init(void);
/* Page file n, which is the number in page-table entries; NULL: there is none. */
const struct pagefile *pagefile(unsigned n);
/* A phrase that says why a disk is no page file; NULL: it is one. */
const char *pagefile_missing(const struct block_device *d);
/* Writes a header to the disk, which destroys its contents, and uses the disk as page file. ERR_EXISTS: it is one; ERR_ACCESS: it
 * is read-only; ERR_RANGE: it has no room for two slots; ERR_UNSUPPORTED: its queue is too short; ERR_NO_MEMORY: there are
 * PAGEFILES, or no frame is free. */
MUST_USE err_t pagefile_create(struct block_device *d);

/* ---- slots ---- */

/* The allocator of slots. NULL: no slot holds a page. */
struct pagefile_allocator {
	/* ERR_NO_MEMORY: the file has not so many consecutive free slots. */
	err_t (*borrow)(unsigned file, unsigned count, uint64_t *first);
	void (*give_back)(unsigned file, uint64_t first, unsigned count);
};
extern const struct pagefile_allocator *pagefile_allocator;
/* Consecutive slots that hold no page, for tests and measurements: as many as possible, at most `most`. Returns their number;
 * 0: none is free. */
unsigned pagefile_borrow(unsigned file, unsigned most, uint64_t *first);
void pagefile_give_back(unsigned file, uint64_t first, unsigned borrowed);

/* ---- transfers ---- */

/* Consecutive slots, each to or from a frame of its own. Neither submission nor completion allocates memory. */
struct pagefile_io {
	bool write;                 /* from the frames to the slots */
	uint8_t file;
	uint64_t slot;              /* the first one, at least 1 */
	unsigned count;             /* 1 to PAGEFILE_IO_MAX */
	const pfn_t *frame;         /* count frames; pagefile_submit() copies the numbers */
	/* Called once per accepted transfer, with interrupts off, possibly in an interrupt handler: must not sleep, kmap or store
	 * to page tables; may wake processes and submit. The io belongs to the caller again. NULL: no callback. */
	void (*done)(struct pagefile_io *io);
	void *ctx;                  /* for the caller's use */
	err_t error;                /* when done: OK, or ERR_IO for the transfer as a whole */

	/* For pagefile.c only. */
	struct block_request request;
	struct block_segment segment[PAGEFILE_IO_MAX];
};

/* Starts a transfer; done may be called before it returns. Errors refuse it, without a call of done. ERR_INVALID: its members;
 * ERR_RANGE: slot 0, or slots beyond the file; ERR_IO: the disk is dead.
 * If the disk does not reach a frame (ATA: 4 GiB with DMA, the direct map with PIO), the slots are transferred one by one through
 * a bounce frame before the function returns: it polls, with interrupts off. Not from done(): the frame may be in use. */
MUST_USE err_t pagefile_submit(struct pagefile_io *io);
/* Waits until an accepted transfer is done, and returns its error. Sleeps, or polls if interrupts are off. A kill does not end the
 * wait, because the device accesses the frames. */
err_t pagefile_wait(struct pagefile_io *io);
