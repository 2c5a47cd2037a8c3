/* shell/live/bench_disk.c - bench disk: transfer rates of the disks, sequential and random, with 1 and with 32 requests in flight.
 * SPDX-License-Identifier: MIT
 *
 * The callback of each request submits it again for other sectors until the time is over.
 */
#include "kernel/disk.h"
#include "kernel/proc.h"
#include "mm/phys/frame.h"
#include "shell/live/bench.h"

#define DEPTH        32
#define ROWS         4
#define RUN_TICKS    (BLOCK_HZ * 3 / 10)
#define UNIT_BYTES   4096
#define UNIT_SECTORS (UNIT_BYTES / BLOCK_SECTOR)

static struct {
	struct block_device *disk;
	uint64_t end, units, next;     /* last tick; capacity; next unit, or state of the generator */
	bool random;
	uint64_t done, failed;
	struct block_segment segment[DEPTH];
	struct block_request request[DEPTH];
} run;

static uint64_t next_unit(void)
{
	uint64_t x = run.next;

	if (!run.random)
		return run.next++ % run.units;
	/* xorshift64 (Marsaglia 2003) */
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	run.next = x;
	return x % run.units;
}

static err_t submit(struct block_request *r)
{
	r->sector = next_unit() * UNIT_SECTORS;
	return block_submit(run.disk, r);
}

static void done(struct block_request *r)
{
	run.done += r->error == OK;
	run.failed += r->error != OK;
	/* Not after an error: a dead disk completes a request within submit(), so calls would nest without end. */
	if (r->error == OK && sched_ticks() < run.end && submit(r) != OK)
		run.failed++;
}

struct result { struct block_device *disk; bool random; unsigned depth; uint64_t done, failed, ticks; };

static struct result measure(struct block_device *d, bool random, unsigned depth)
{
	uint64_t start = sched_ticks(), ticks;

	run.random = random;
	run.next = random ? start | 1 : 0;
	run.end = start + RUN_TICKS;
	run.done = run.failed = 0;
	for (unsigned i = 0; i < depth; i++) {
		run.request[i] = (struct block_request){ .op = BLOCK_READ, .segment = &run.segment[i], .segments = 1,
		                                         .done = done };
		run.request[i].finished = submit(&run.request[i]) != OK;
	}
	for (unsigned i = 0; i < depth; i++)
		block_wait(d, &run.request[i]);
	ticks = sched_ticks() - start;
	return (struct result){ d, random, depth, run.done, run.failed, ticks + (ticks == 0) };
}

static void put(struct call *c, const struct result *r)
{
	char name[24];

	str_printf(name, sizeof(name), "%s-%s-%u", r->disk->name, r->random ? "random" : "sequential", r->depth);
	out_printf(c->out, "bench %-24s %llu KiB/s  %llu requests/s", name,
	           (unsigned long long)(r->done * (UNIT_BYTES / 1024) * BLOCK_HZ / r->ticks),
	           (unsigned long long)(r->done * BLOCK_HZ / r->ticks));
	if (r->failed)
		out_printf(c->out, "  %llu failed", (unsigned long long)r->failed);
	out_char(c->out, '\n');
	c->failed |= r->failed > 0;
}

/* Returns the number of results. */
static unsigned bench_all(struct result *result)
{
	static const struct { bool random; unsigned depth; } rows[ROWS] = {
		{ false, 1 }, { false, DEPTH }, { true, 1 }, { true, DEPTH },
	};
	unsigned n = 0;

	for (unsigned i = 0; i < block_count(); i++) {
		run.disk = block_device(i);
		run.units = run.disk->sectors / UNIT_SECTORS;
		for (size_t row = 0; run.units && row < ROWS; row++)
			result[n++] = measure(run.disk, rows[row].random, rows[row].depth);
	}
	return n;
}

/* Prints only after the frames are freed, because Ctrl-C ends a command at its output. */
void bench_disk(struct call *c)
{
	static struct result result[BLOCK_DEVICES * ROWS];
	unsigned frames = 0, results = 0;

	for (; frames < DEPTH; frames++) {
		pfn_t frame;

		if (frame_alloc(FRAME_LOW | FRAME_BELOW_4G, FRAME_KERNEL, &frame) != OK)
			break;
		run.segment[frames] = (struct block_segment){ pfn_base(frame), UNIT_BYTES };
	}
	c->failed = frames < DEPTH;
	if (!c->failed)
		results = bench_all(result);
	while (frames-- > 0)
		frame_put(pfn_of(run.segment[frames].pa));
	if (c->failed)
		out_printf(c->out, "bench: %s\n", err_text(ERR_NO_MEMORY));
	else if (block_count() == 0)
		out_puts(c->out, "no disk was found\n");
	for (unsigned i = 0; i < results; i++)
		put(c, &result[i]);
}
