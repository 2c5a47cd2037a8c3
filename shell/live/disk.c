/* shell/live/disk.c - disk: reads and writes sectors of a disk, and sets its transfer mode.
 * SPDX-License-Identifier: MIT
 *
 * A sector has 512 bytes. Each is transferred by a request of its own and waited for
 * (kernel/disk.h): this is for inspection, not for speed. Writing is limited to page files and
 * leaves out their header, so a disk with other contents cannot be damaged.
 * Linux: dd and xxd of a block device; hdparm -d.
 */
#include "kernel/disk.h"
#include "lib/pagefile.h"
#include "lib/string.h"
#include "shell/command.h"

/* Bytes of an output row, as db has. */
#define ROW 16
/* Slot 0 of a page file, which has its header (lib/pagefile.h). */
#define HEADER_SECTORS (PAGEFILE_SLOT / BLOCK_SECTOR)
/* Sectors of one command, 32 MiB; Ctrl-C ends it earlier. */
#define COUNT_MAX 0x10000

/* 16 bytes: offset, hexadecimal, and characters, with . for those that are not printable ASCII. */
static void put_row(struct out *out, uint64_t offset, const unsigned char *p)
{
	out_printf(out, "%08llx ", (unsigned long long)offset);
	for (unsigned i = 0; i < ROW; i++)
		out_printf(out, "%c%02x", i == ROW / 2 ? '-' : ' ', p[i]);
	out_puts(out, "  ");
	for (unsigned i = 0; i < ROW; i++)
		out_char(out, p[i] >= ' ' && p[i] <= '~' ? (char)p[i] : '.');
	out_char(out, '\n');
}

/* Offsets are those of the image. */
static void put_sector(struct out *out, uint64_t sector, const unsigned char *bytes)
{
	for (unsigned i = 0; i < BLOCK_SECTOR; i += ROW)
		put_row(out, sector * BLOCK_SECTOR + i, bytes + i);
}

/* Prints an error with the sector and makes the command fail. ERR_ACCESS has two causes;
 * `disks` shows which. */
static void report(struct call *c, const struct block_device *d, const char *what, uint64_t sector, err_t err)
{
	static const char *const why[] = {
		[ERR_IO] = "the disk reports an error", [ERR_RANGE] = "beyond the end of the disk",
		[ERR_ACCESS] = "the disk is read-only or no page file",
	};

	if (err == OK)
		return;
	c->failed = true;
	out_printf(c->out, "%s: %s of sector %llx: %s\n", d->name, what, (unsigned long long)sector,
	           err < ARRAY_LEN(why) && why[err] ? why[err] : err_text(err));
}

/* Unless call_next_number() has printed its own error: an error is one line. */
static void missing(struct call *c, const char *what)
{
	if (!c->failed)
		call_fail(c, COMMAND_ARGS, "%s", what);
}

/* SECTOR [COUNT]. Stops at the first error; what was read before is printed. Ctrl-C can end the
 * command between two sectors, when no request is in flight. */
static void read(struct call *c, struct block_device *d)
{
	static unsigned char bytes[BLOCK_SECTOR];
	uint64_t sector, count = 1;
	err_t err = OK;

	if (!call_next_number(c, &sector)) {
		missing(c, "the sector is missing");
		return;
	}
	if (*c->rest && !call_next_number(c, &count))
		return;
	if (count > COUNT_MAX) {
		call_fail(c, COMMAND_ARGS, "at most %x sectors at once", COUNT_MAX);
		return;
	}
	if (!call_end(c))
		return;
	for (; err == OK && count > 0; sector++, count--) {
		err = disk_read(d, sector, bytes, 1);
		if (err == OK)
			put_sector(c->out, sector, bytes);
		else
			report(c, d, "read", sector, err);
		call_pause(c);
	}
}

/* SECTOR BYTE...: replaces the first bytes of a sector and keeps the others, hence the read before
 * the write. Values are cut to a byte; those beyond the end of the sector are ignored. */
static void write(struct call *c, struct block_device *d)
{
	static unsigned char bytes[BLOCK_SECTOR];
	uint64_t sector, value;
	unsigned n = 0;
	err_t err;

	if (!call_next_number(c, &sector) || !*c->rest) {
		missing(c, "a sector and bytes are needed");
		return;
	}
	if (d->may_write && sector < HEADER_SECTORS) {
		call_fail(c, COMMAND_ARGS, "slot 0 is the header of the page file");
		return;
	}
	err = d->read_only || !d->may_write ? ERR_ACCESS : disk_read(d, sector, bytes, 1);
	while (err == OK && n < BLOCK_SECTOR && call_next_number(c, &value))
		bytes[n++] = (unsigned char)value;
	if (c->failed)
		return;
	if (err == OK)
		err = disk_write(d, sector, bytes, 1);
	report(c, d, "write", sector, err);
}

/* Of an ATA disk; virtio has one mode. The new mode is printed. */
static void set_mode(struct call *c, struct block_device *d, bool dma)
{
	err_t err;

	if (!call_end(c))
		return;
	err = block_set_dma(d, dma);
	c->failed = err != OK;
	out_printf(c->out, "%s: %s\n", d->name, err == OK ? d->driver->mode(d) :
	           err == ERR_BUSY ? "requests are in flight" : "its driver has only one transfer mode");
}

static void set_pio(struct call *c, struct block_device *d)
{
	set_mode(c, d, false);
}

static void set_dma(struct call *c, struct block_device *d)
{
	set_mode(c, d, true);
}

/* A row for each verb. The number of the disk comes after it, so that all verbs find the rest of the
 * line in c->rest. */
static void disk(struct call *c)
{
	static const struct { const char *name; void (*run)(struct call *c, struct block_device *d); } verbs[] = {
		{ "read", read }, { "write", write }, { "pio", set_pio }, { "dma", set_dma },
	};
	struct block_device *d;
	const char *word;
	size_t at;
	uint64_t n;
	unsigned v = 0;

	if (!call_next_word(c, &word, &at)) {
		call_fail(c, COMMAND_ARGS, "read, write, pio or dma?");
		return;
	}
	while (v < ARRAY_LEN(verbs) && strcmp(verbs[v].name, word))
		v++;
	if (v == ARRAY_LEN(verbs) || !call_next_number(c, &n)) {
		missing(c, "read, write, pio or dma, and the number of a disk");
		return;
	}
	d = n < BLOCK_DEVICES ? block_device((unsigned)n) : NULL;
	if (!d)
		call_fail(c, COMMAND_ARGS, "there is no disk %llx", (unsigned long long)n);
	else
		verbs[v].run(c, d);
}
COMMAND(disk) = {
	.name = "disk", .schema = "*", .synopsis = "disk read N SECTOR [COUNT] | disk write N SECTOR BYTE... | disk pio|dma N",
	.run = disk,
	.what = "read or write sectors of a disk, or set its transfer mode",
	.help = "  kd> disk read 0 0\n"
	        "  Offsets are those of the image. `disk write` replaces the first bytes of a sector; it works only on a page\n"
	        "  file, and not on its header. pio and dma set the transfer mode of an ATA disk.\n"
	        "  Linux: dd if=/dev/vda skip=SECTOR count=1 | xxd; hdparm -d\n",
};
