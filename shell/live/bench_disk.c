/* shell/live/bench_disk.c - bench disk: transfer rates of the disks, sequential and random, with 1 and with 32 requests in flight.
 * SPDX-License-Identifier: MIT
 *
 * Each row runs for RUN_TICKS. The callback of a request submits it again for other sectors until
 * the time is over, so the queue stays full without a process in between. A request is 4 KiB, one
 * slot of a page file. Time is counted in ticks of 10 ms, so rates are rough; the tick that ends the
 * run is included.
 */
#include "kernel/disk.h"
#include "kernel/pagefile.h"
#include "kernel/proc.h"
#include "mm/phys/frame.h"
#include "shell/live/bench_disk.h"

/* Requests in flight at most; each has a frame of its own. */
#define DEPTH        32
#define ROWS         8
#define WRITE_SLOTS  4096       /* 16 MiB: limit of the slots that the rows of writes use */
#define RUN_TICKS    (BLOCK_HZ * 3 / 10)
#define UNIT_BYTES   4096
#define UNIT_SECTORS (UNIT_BYTES / BLOCK_SECTOR)

/* A range of units of a disk. */
struct area { uint64_t first, units; };

/* The measurement that runs. Static: callbacks in interrupt context use it. */
static struct {
	struct block_device *disk;
	struct area area;
	uint64_t end, next;            /* last tick; next unit, or state of the generator */
	bool random;
	uint64_t done, failed;
	struct block_segment segment[DEPTH];
	struct block_request request[DEPTH];
} bench_run;

/* The next unit of the area: in order and from the start again at its end, or pseudo-random. */
static uint64_t next_unit(void)
{
	uint64_t x = bench_run.next;

	if (!bench_run.random)
		return bench_run.next++ % bench_run.area.units;
	/* xorshift64 (Marsaglia 2003) */
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	bench_run.next = x;
	return x % bench_run.area.units;
}

/* Gives the request the next place and submits it. An error: it was refused, and done() is not
 * called. */
static err_t submit(struct block_request *r)
{
	r->sector = (bench_run.area.first + next_unit()) * UNIT_SECTORS;
	return block_submit(bench_run.disk, r);
}

/* Callback of every request, with interrupts off, possibly within submit(). */
static void done(struct block_request *r)
{
	bench_run.done += r->error == OK;
	bench_run.failed += r->error != OK;
	/* Not after an error: a dead disk completes a request within submit(), so calls would nest without end. */
	if (r->error == OK && sched_ticks() < bench_run.end && submit(r) != OK)
		bench_run.failed++;
}

/* An operation, its order and its queue depth; the table is in the order of the output. */
struct row { enum block_op op; bool random; unsigned depth; };
static const struct row rows[ROWS] = {
	{ BLOCK_READ, false, 1 }, { BLOCK_READ, false, DEPTH }, { BLOCK_READ, true, 1 }, { BLOCK_READ, true, DEPTH },
	{ BLOCK_WRITE, false, 1 }, { BLOCK_WRITE, false, DEPTH }, { BLOCK_WRITE, true, 1 }, { BLOCK_WRITE, true, DEPTH },
};

/* What one row measured: requests done and failed, ticks. */
struct result { const struct block_device *disk; const struct row *row; uint64_t done, failed, ticks; };

/* Fills the queue, then waits for each request: block_wait() returns when its last callback did not
 * submit it again. A request that was refused at once counts as finished. At least one tick, so that
 * the rate can be computed. */
static struct result measure(const struct row *row)
{
	uint64_t start = sched_ticks(), ticks;
	unsigned refused = 0;

	bench_run.random = row->random;
	bench_run.next = row->random ? start | 1 : 0;
	bench_run.end = start + RUN_TICKS;
	bench_run.done = bench_run.failed = 0;
	for (unsigned i = 0; i < row->depth; i++) {
		bench_run.request[i] = (struct block_request){
			.op = row->op, .segment = &bench_run.segment[i], .segments = 1, .done = done,
		};
		/* Not written after an accepted submission: the request may be finished already. */
		if (submit(&bench_run.request[i]) != OK) {
			bench_run.request[i].finished = true;
			refused++;
		}
	}
	for (unsigned i = 0; i < row->depth; i++)
		block_wait(bench_run.disk, &bench_run.request[i]);
	ticks = sched_ticks() - start;
	return (struct result){ bench_run.disk, row, bench_run.done, bench_run.failed + refused, ticks + (ticks == 0) };
}

/* KiB and requests per second; failed requests make the command fail. */
static void put(struct call *c, const struct result *r)
{
	char name[32];

	str_printf(name, sizeof(name), "%s-%s%s-%u", r->disk->name, r->row->random ? "random" : "sequential",
	           r->row->op == BLOCK_WRITE ? "-write" : "", r->row->depth);
	out_printf(c->out, "bench %-28s %llu KiB/s  %llu requests/s", name,
	           (unsigned long long)(r->done * (UNIT_BYTES / 1024) * BLOCK_HZ / r->ticks),
	           (unsigned long long)(r->done * BLOCK_HZ / r->ticks));
	if (r->failed)
		out_printf(c->out, "  %llu failed", (unsigned long long)r->failed);
	out_char(c->out, '\n');
	c->failed |= r->failed > 0;
}

/* The rows of one operation in an area; returns the end of the results. An empty area has none. */
static struct result *bench_area(struct result *result, enum block_op op, struct area area)
{
	bench_run.area = area;
	for (size_t i = 0; area.units && i < ROWS; i++)
		if (rows[i].op == op)
			*result++ = measure(&rows[i]);
	return result;
}

/* Reads use the whole disk, writes only slots of a page file that hold no page. The slots are
 * returned before anything is printed, since Ctrl-C jumps out of a command where it prints. */
static struct result *bench_one(struct result *result)
{
	const struct pagefile *f;
	uint64_t first;

	result = bench_area(result, BLOCK_READ, (struct area){ 0, bench_run.disk->sectors / UNIT_SECTORS });
	for (unsigned file = 0; (f = pagefile(file)); file++)
		if (f->disk == bench_run.disk) {
			unsigned slots = pagefile_borrow(file, WRITE_SLOTS, &first);

			result = bench_area(result, BLOCK_WRITE, (struct area){ first, slots });
			pagefile_give_back(file, first, slots);
		}
	return result;
}

/* Returns the number of results. */
static unsigned bench_all(struct result *result)
{
	struct result *end = result;

	for (unsigned i = 0; i < block_count(); i++) {
		bench_run.disk = block_device(i);
		end = bench_one(end);
	}
	return (unsigned)(end - result);
}

/* Prints only after the frames are freed, because Ctrl-C ends a command at its output. The frames
 * are below 4 GiB and in the direct map, so that every driver reaches them. */
void bench_disk(struct call *c)
{
	static struct result result[BLOCK_DEVICES * ROWS];
	unsigned frames = 0, results = 0;

	for (; frames < DEPTH; frames++) {
		pfn_t frame;

		if (frame_alloc(FRAME_LOW | FRAME_BELOW_4G, FRAME_KERNEL, &frame) != OK)
			break;
		bench_run.segment[frames] = (struct block_segment){ pfn_base(frame), UNIT_BYTES };
	}
	c->failed = frames < DEPTH;
	if (!c->failed)
		results = bench_all(result);
	while (frames-- > 0)
		frame_put(pfn_of(bench_run.segment[frames].pa));
	if (c->failed)
		out_printf(c->out, "bench: %s\n", err_text(ERR_NO_MEMORY));
	else if (block_count() == 0)
		out_puts(c->out, "no disk was found\n");
	for (unsigned i = 0; i < results; i++)
		put(c, &result[i]);
}
