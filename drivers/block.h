/* drivers/block.h - block devices: the contract of a disk driver, and the request queue between it and the kernel.
 * SPDX-License-Identifier: MIT
 *
 * States of a request; the first two are lists of the device:
 *
 *   waiting    submitted; the driver has no room yet
 *   flying     in flight: the driver has it. The hardware completes requests in any order
 *   done       its callback was called, once, with the result in error
 *
 * Time-out: the driver resets the device, and all requests in flight wait again, in their old order. A request without an
 * answer after BLOCK_TRIES attempts ends with ERR_IO. A device that fails its reset is dead: each request ends with ERR_IO
 * at once. Such a device may still write to the buffers of the reads that it had in flight: block_host.keep() gets them before
 * their callbacks, so that these frames are never used for anything else.
 *
 * Buffers are physical addresses, so a frame needs no kernel address. All functions except those that wait may be called
 * from interrupt handlers.
 */
#pragma once
#include "lib/addr.h"
#include "lib/err.h"
#include "lib/list.h"

#define BLOCK_SECTOR   512
#define BLOCK_DEVICES  16
#define BLOCK_SEGMENTS 32       /* limit for one request */
#define BLOCK_TRIES    3
#define BLOCK_HZ       100      /* ticks of block_host.ticks per second */
#define BLOCK_TIMEOUT  ((uint64_t)5 * BLOCK_HZ)    /* the device completed no request for this time */
#define BLOCK_OVERDUE  ((uint64_t)30 * BLOCK_HZ)   /* it completed others, but not this one */

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_OPS };

/* A range of physical memory: pa is a multiple of 4, bytes a multiple of BLOCK_SECTOR and not 0. */
struct block_segment { paddr_t pa; uint32_t bytes; };

struct block_request {
	enum block_op op;
	uint64_t sector;                        /* the first one */
	const struct block_segment *segment;    /* read until the request is done */
	unsigned segments;
	/* Called with interrupts off, possibly in an interrupt handler. The request belongs to the caller again. */
	void (*done)(struct block_request *r);
	void *ctx;                              /* for the caller's use */
	err_t error;                            /* the result, when done */

	/* For block.c only. */
	struct list link;
	uint32_t bytes;
	unsigned tries;                         /* attempts without an answer */
	uint64_t since;                         /* tick at which the driver received it */
	uint64_t serial;                        /* its number in the order of start() */
	bool finished;
};

struct block_device;

struct block_driver {
	/* Passes a request to the hardware; false: the hardware has no room now. Interrupts off. */
	bool (*start)(struct block_device *d, struct block_request *r);
	/* Calls block_finish() for each request that the hardware has completed. Used while interrupts are off, and to recover
	 * from a lost interrupt. Interrupts off. */
	void (*poll)(struct block_device *d);
	/* Aborts every request; after its return the hardware accesses no buffer. False: the hardware does not answer, and may
	 * still access the buffers. The wait is a bounded number of register reads. Interrupts off. */
	bool (*reset)(struct block_device *d);
	/* The transfer mode: "DMA" or "PIO". */
	const char *(*mode)(const struct block_device *d);
	/* Sets the transfer mode; no request is waiting or flying. NULL: the driver has one mode. ERR_UNSUPPORTED. */
	err_t (*set_dma)(struct block_device *d, bool dma);
};

struct block_stats {
	uint64_t requests[BLOCK_OPS], bytes[BLOCK_OPS], errors[BLOCK_OPS];
	uint64_t reordered;     /* completed before a request that was started earlier */
	uint64_t polled;        /* completions that the timer found before an interrupt of the device */
	uint64_t resets;
	uint64_t injected;      /* faults of block_inject() */
	unsigned deepest;       /* largest number of requests in flight */
};

enum block_fault { BLOCK_FAULT_ERROR, BLOCK_FAULT_LOST };

struct block_device {
	const struct block_driver *driver;
	const char *kind;                       /* "virtio-blk, legacy PCI" */
	char name[8];                           /* "disk0" */
	char where[24];                         /* "port c040, line 11" */
	uint64_t sectors;                       /* capacity */
	uint64_t buffer_end;                    /* end of the physical addresses that buffers may have */
	unsigned segments;                      /* limit for one request */
	uint32_t most;                          /* limit for one request, in sectors */
	bool read_only;                         /* as the hardware reports */
	bool may_write;                         /* false: not a page file, block_submit() refuses every write */
	bool dead;
	struct block_stats stats;

	/* For block.c only. */
	struct list waiting, flying;
	unsigned depth;                         /* length of flying */
	bool in_tick;                           /* the timer polls the driver */
	uint64_t answered;                      /* tick of the last answer */
	uint64_t serial, last_serial;
	struct { uint32_t count, one_in; enum block_fault kind; uint32_t random; } fault;
};

/* What drivers need from the rest of the kernel; kernel/disk.c fills it. Without sleep block_wait() polls, without ticks
 * there are no time-outs but those of polling. */
struct block_host {
	/* 1 << order contiguous zeroed pages below 4 GiB; NULL: out of memory. */
	void *(*dma_alloc)(unsigned order, paddr_t *pa);
	void (*dma_free)(void *p, unsigned order);
	/* Maps device registers for the life of the kernel. ERR_NO_MEMORY, ERR_RANGE. */
	err_t (*map_device)(paddr_t pa, size_t bytes, void **out);
	/* The kernel address of physical memory, or NULL where the direct map does not reach. */
	void *(*address)(paddr_t pa);
	uint64_t direct_end;                    /* end of the physical addresses that address() maps */
	uint64_t (*ticks)(void);
	/* Sleeps until wake(); may return early. Interrupts off. */
	void (*sleep)(void);
	void (*wake)(void);
	/* A device that failed its reset may write to this memory at any time: it is never freed. Interrupts off. */
	void (*keep)(paddr_t pa, uint32_t bytes);
	/* Records a device that cannot be used. */
	void (*refused)(const char *kind, const char *where, err_t why);
};
extern struct block_host block_host;

/* ---- for the kernel ---- */

/* probe() finds the disks of one kind and calls block_add() for each. A driver is one of these structs in its own file. */
struct disk_driver { const char *name; void (*probe)(void); };
#define DISK_DRIVER(id) \
	static const struct disk_driver disk_driver_##id \
	__attribute__((used, aligned(sizeof(void *)), section(".disk_drivers." #id)))
extern const struct disk_driver disk_drivers_start[], disk_drivers_end[];

unsigned block_count(void);
/* NULL: there is no device n. */
struct block_device *block_device(unsigned n);
/* Queues a request. After an error it is refused, and done is not called. ERR_INVALID: its segments break a rule above or a
 * limit of the device; ERR_RANGE: sectors beyond the capacity, or a buffer beyond buffer_end; ERR_ACCESS: a write to a disk
 * that is read-only or no page file; ERR_IO: the device is dead. */
MUST_USE err_t block_submit(struct block_device *d, struct block_request *r);
/* block_submit() and block_wait(), without a callback. Returns the request's error. */
MUST_USE err_t block_io(struct block_device *d, struct block_request *r);
/* Returns when a submitted request is done and its callback did not submit it again. Sleeps, or polls with interrupts off. */
void block_wait(struct block_device *d, const struct block_request *r);
/* Lets the devices report completed requests while interrupts are off. Ticks do not advance then, so the calls are the clock: after
 * BLOCK_POLLS calls without an answer every device with requests in flight is reset, as after a time-out. Interrupts off. */
#define BLOCK_POLLS 4000000u    /* a second or more on real hardware */
void block_poll(void);
/* Sets the transfer mode, DMA or PIO. ERR_UNSUPPORTED: the disk has one mode; ERR_BUSY: it has requests. */
MUST_USE err_t block_set_dma(struct block_device *d, bool dma);
/* A device has requests. */
bool block_is_busy(void);
/* From the timer: checks for lost interrupts and time-outs. */
void block_tick(void);
/* Gives count of one_in completions, at random, the fault; count 0: none. The disk still carries out the request. */
void block_inject(struct block_device *d, uint32_t count, uint32_t one_in, enum block_fault kind);

/* ---- for drivers ---- */

/* Initialises the lists of a device; block_add() does the same. */
void block_init(struct block_device *d);
/* Adds a device whose public members are filled in; d is never freed. ERR_NO_MEMORY: there are BLOCK_DEVICES already. */
MUST_USE err_t block_add(struct block_device *d);
/* Reports a device that cannot be used. */
static inline void block_refused(const char *kind, const char *where, err_t why)
{
	if (block_host.refused)
		block_host.refused(kind, where, why);
}
/* Ends a request in flight that the hardware has completed. Interrupts off. */
void block_finish(struct block_device *d, struct block_request *r, err_t error);
/* Starts waiting requests while the driver has room. Interrupts off. */
void block_pump(struct block_device *d);
