/* shell/live/disks.c - disks: the disks, with their drivers and counters.
 * SPDX-License-Identifier: MIT
 *
 * Five lines each: name, kind, place on the bus, transfer mode; capacity, and whether it may be
 * written; requests; the state of the queue; resets and injected faults. The counters are those of struct
 * block_stats, since boot. Devices that were found but cannot be used follow, with the reason.
 * Linux: lsblk, /sys/block/vda/stat. WinDbg: !storagekd.storclass.
 */
#include "kernel/disk.h"
#include "kernel/pagefile.h"
#include "shell/command.h"

/* One kind of request: number, KiB, failures. */
static void put_work(struct out *out, const char *what, const struct block_stats *s, enum block_op op)
{
	out_printf(out, "%s %llu (%llu KiB, %llu failed)", what, (unsigned long long)s->requests[op],
	           (unsigned long long)s->bytes[op] >> 10, (unsigned long long)s->errors[op]);
}

/* "write-protected by the kernel": the disk has no page-file header, so block_submit() refuses
 * writes. dead: it failed a reset, and every request ends with an error. "found by the timer" counts
 * completions whose interrupt was late or lost. */
static void put_disk(struct out *out, const struct block_device *d)
{
	const struct block_stats *s = &d->stats;
	const char *missing = pagefile_missing(d);

	out_printf(out, "%s  %s at %s, %s%s\n", d->name, d->kind, d->where, d->driver->mode(d), d->dead ? ", dead" : "");
	out_printf(out, "       capacity %llu sectors (%llu KiB), %s, %s\n", (unsigned long long)d->sectors,
	           (unsigned long long)d->sectors / 2,
	           d->read_only ? "read-only" : d->may_write ? "read-write" : "write-protected by the kernel",
	           missing ? missing : "a page file");
	put_work(out, "       reads", s, BLOCK_READ);
	put_work(out, ", writes", s, BLOCK_WRITE);
	out_printf(out, "\n       at most %u in flight, %llu completed out of order, %llu found by the timer\n", s->deepest,
	           (unsigned long long)s->reordered, (unsigned long long)s->polled);
	out_printf(out, "       %llu resets, %llu faults injected\n", (unsigned long long)s->resets,
	           (unsigned long long)s->injected);
}

/* In the order in which the drivers found them: the number is that of `disk` and `pagefile create`. */
static void disks(struct call *c)
{
	const struct disk_refusal *r;

	for (unsigned i = 0; i < block_count(); i++)
		put_disk(c->out, block_device(i));
	for (unsigned i = 0; (r = disk_refusal(i)); i++)
		out_printf(c->out, "%s at %s cannot be used: %s\n", r->kind, r->where, err_text(r->why));
	if (block_count() == 0)
		out_puts(c->out, "no disk was found\n");
}
COMMAND(disks) = {
	.name = "disks", .schema = "", .synopsis = "disks", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = disks,
	.what = "the disks: driver, capacity, transfer mode, requests and errors",
	.help = "  kd> disks\n"
	        "  A disk without a page-file header is only read. `bench disk` measures, `pagefile` lists page files.\n"
	        "  Linux: lsblk, /sys/block/vda/stat   WinDbg: !storagekd.storclass\n",
};
